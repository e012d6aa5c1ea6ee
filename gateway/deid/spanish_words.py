"""Ordinary and clinical words of Spanish notes, folded: what a name must not be guessed from.

Written for this project. Imports: the standard library only.
"""

from __future__ import annotations

_SPANISH = """
abril abuela abuelo abuso acido acidos acude acudio acudir adecuada adecuado adulto aerea aereo aereos
afebril agosto agua aguda agudas agudo agudos aguja agujas ahogo ahora aines alcanza alcanzar alcanzo
alergia alergias alergico algo alguna alguno alivio alli alta altas alto altos altura alturas ama amarilla
amarillo amarillos ambas ambos amplia amplias amplio amplios analisis analitica anca ancas ancha ancho
anchos angulo angulos anos ante antes anuria aparece aparecen aparecio aparicion apellido apenas apetito
aplica aporte aportes apoyo aquel arco arcos arma arriba arterial articular asma asocia asociado aspecto
atencion aumenta aumentar aumento aumentos aunque auscultacion autor autores axila ayuda ayuno azar azul
baja bajas bajo bajos balon balones banda bandas barba bario barrio bastante baston bastones bazo beber bien
biopsia blanca blanco blanda blandas blando blandos boca borde bordes brazo bronquio brote brotes buen buena
bueno bulbo bulbos bulto cabello cabeza cabo cada cadena cadenas cadera caderas caida caidas calambres
calidad calle calor calota cama camara camaras camas cambio camina caminaba caminar campo canino caninos
cansancio capa capas cara caras carga cargas cargo carotida carrera carreras carta cartas casa casada casado
caso casual casuales catarro causa cavidad cayado celula celulas cena cenas cerca cerrada cerrado cerro
cesarea cesareas cicatriz ciega ciego cierre cifras cinco cirugia cita citas ciudad clara claro clase clases
clinica clinico coagulo coche coches codeina codo codos cola colas coli colico coloca colocar coloco
coloracion colores comenta comer comienza como comun con conserva consulta contacto contorno corazon cordon
cordones corona coronas correo corta corte cortejo cortes corteza corto costa costilla costillas craneo
creatinina cresta crestas cristal cruz cuadrante cuadro cuadros cual cuando cuatro cubital cuello cuenta
cuero cuerpo cuerpos cuesta cuestas cuidados cura curas curso cursos dada dado dale dando dano danos dar
datos deambula debe debido debil debilidad dedo dedos dejar del delgada delgadas delgado delgados dentro
derecha derecho derrame desarrollo descarta desde desea despues destino destinos dextro diabetico
diagnostico diaria diarias diario diarios dias dicha dicho diente dientes dieta diez digestivo disnea doble
dobles doce dolor dolores domicilio domingo donante donde dormir dos dosis drenaje duda dudas dura durante
ecografia edad edemas efecto elevada elevado ella ello ellos embarazo emite emitio encia enero enferma
enfermera enfermo entrada entradas entre envia enviado envio eosina epoca equipo eran escala escasa escaso
esofago espalda espejo espina espinal espinas esposa esposo esputo esta estaba estaban estable estado este
estenosis esto estos estudio estudios etapa evento eventos evita evitar evolucion examen examenes explica
explora expuesto extrana fallo fallos falta familia familiar farmaco farmacos fase fases fatiga fatigas
fecha feto fibra fibras fiebre figura figuras filtrado fin fina finas fino finos firma firme firmes fisica
fisico flanco flancos flores flujo foco focos fondo forma fosa fractura fracturas frecuencia frente fria
frias frio fruta frutas fuente fuerte fuerza fuma fumador funcion galio ganglio ganglios garganta gasto
gastos gemela glandula globo golpe golpes grado grados gramo gramos gran grande grandes grasa grasas graso
grasos gripe grosor grupo guardia guardias guiada guiado gusto haber habia habian habito habitos habla hace
hacen hacer hacia halla hallan hallazgo hallazgos hallo hasta hemo hepatico herida hermana hermano hierro
higado hija hijo hiliar hiliares hilo hilos hinchazon hipo hizo hoja hombre hombres hombro hongo hora horas
hoy hueco hueso huesos humedo iglesia igual ileon imagen impresiona indica indican infancia ingesta ingestas
ingle ingles ingresa ingreso inicia inicial inicio injerto insulina interna interno intestino ion iones
izquierda izquierdo jarabe jubilado juego jueves julio junio labio labios lactante lado lados lamina laminas
larga largas largo largos lavado leche leches lecho lengua lenguas lenta lente lentes lento lentos leon
lesiones leucos leve libero libre ligera ligero limpia limpio linea lineas liquido litio litros llagas llama
llaman llamo llanto llega llegan llego lleva llevan llevo lobo lobulo loco luces luego lugar luna lunes
luxacion luz madre maestra maestro mala malla mallas malo mama mamaria mamarias mamario mamas manana mananas
manchas mandar mandibula manera maneras manifiesta mano manos marca marcada marcadas marcado marcados marcas
marcha marchas mareada mareo mareos margen margenes marido maridos marron martes marzo mas masa masas matriz
maxima maximas maximo maximos mayo mayoria mediana mediano medias medica medicas medico medicos medida medio
medios medula mejor mejora mejoria membrana menisco menor menos mercado mermado mesa meses mesna metabolico
metodo metro miembro miembros mientras miercoles mil mirada misma mismas mismo mismos mitad mixta mixto moco
modo molares molestia molestias momento monte morena moreno movil mucha mucho mucosas muerte muestra
muestras mujer mujeres munon murales musculo musculos muslo muslos nacida nacido nacio nada nalga narina
narinas nariz natural nauseas negativo negra negro nervio nervios nerviosa nerviosos nieta nieto nieve nina
ninas ninguna ninguno nino ninos nivel niveles noche nodulo nodulos nombre normales norte nota notan noto
novia noviembre novio nuca nucleo nueva nueve nuevo numero nunca nutricion obesa obeso objetiva obra ocasion
ocasiones ocho octava octavo octubre oido ojos onda ondas operada operado oralmente orden oreja organo
origen orina orinar oscura oscuro osea oseo oseos otra otras otro otros ovario ovarios oxigeno paciente
padre pais paises paladar palida palidez palido palma palmas palpa palpacion palpan palpar panal pano papel
papeles para parada paradas paralisis parcial parciales pared pareja parejas pares pariente parotida
parotidas parpado parte parto partos pasa pasada pasado pasan pasillo paso pasos pastosa pastoso pata patas
patron patrones pausa pauta pautas pauto pecho pediatria pelvica pelvico pena pene peor pequena pequenas
pequeno pequenos perdida perdidas perdio perfil periodo perlas pero perone perro perros persiste pesar peso
petrea pico picor piedra piel pierde pierna piernas pieza piezas pinza piso pisos placa placas placentario
plana planas plano planos planta plantas plaqueta plata plena plenas pleno pobre poca poco poder polo polos
polvo pomada pomadas pone poner ponia porcion porque posible positivo practica precisa precisado preciso
presenta presion previa previas previo previos prima primer primera primero primitiva primitivo primo
proceso profunda pronto proteina prueba pruebas pueblo puente puerta pulido pulmon pulso pulsos punta punto
puntos puras queda quedan quedo queja quejas quemadura quien quince quinta quinto quiste quistes quistica
raices raiz rama rapida rapido rasgo rasgos razon razones reaccion reciente recta recto rectos redonda
redondo redondos refiere reflejo reflejos regla relata relato relleno remite remitio remito renina reposa
reposo reseca resina resonancia respira resto restos rete revela revision rica rico riesgo riesgos rigida
rigidez rigido rinon rinones rios ritmo ritmos roce roces rodilla roja rojas rojo rojos rota roto rotura
roturas rueda ruedas ruido ruidos rutina rutinas sabado sabana sacra sacro safena safenas sala salas salida
salina salino salud saludo saludos salvo sana sanas sangrado sangre sano sanos santa santo seca seco seda
sedacion seguia seguian seguir segun seis sello sellos semana semanas senal senales seno senos sentado
sentido septiembre ser sera seria serias serica serie serio sesion severa severas severidad severo sexo
sexta sexto sierra siete sifilis signo signos sigue siguen silbidos silla sino sintoma sintomas sistema
sobre sobrina sobrino sobrinos sola soltero sonda sondas soplo soplos sorda sordo soto subir sudor suelo
suelos sueno suero sufre sutura tabaco tabla tacto talamo talla tallas tallo tamano tanto tarda tarde tasa
tasas techo tegumentos tejido tejidos tela temblor tenia tenian terapia tercer tercera tercero termino tia
tiempo tiene timpano tinte tio tipo tipos tiroides tobillo tobillos toda todo todos tolera toma tomaba toman
tomar tomo tonico tono tonos torax torno torpe torres tos tosca toxico trabajo traida traido tras tratado
tratamiento trato traves tres trigo tronco tubo tubos tumores turno ulcera ulceras ultima ultimo una unas
unica unico unicos unidad uno unos urea urgencias urgente uricemia urologia usa uso usted utero utiles vacia
vacio vacuna vacunas vaina vainas valle valor valora valorar valores valoro valvula vara varias varicela
varios varon vaso vasos veces vecina vecino vejiga vela vena venas ventana verdad verde verdoso vesicula vez
viaje vias vida vieja viejo viernes vino visita viuda viudo viva vive vivo volver vomito vomitos voz vuelta
yeso yugal zona zonas zurdo
"""

SPANISH = frozenset(_SPANISH.split())
