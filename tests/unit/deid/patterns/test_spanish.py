"""Spanish identifiers by label, title and form, and ordinary Spanish text."""

import pytest

from tests.unit.deid.patterns.marked import check, found

SPANISH = [
    "Nombre: {NAME|Pedro}.\nApellidos: {NAME|De Miguel Rivera}.\nNHC: {MRN|2569870}.",
    "Domicilio: {STREET|Calle Carmen Romero, 23, 1D}.\nLocalidad/ Provincia: {LOCATION|Sevilla}.\nCP: {ZIP|28035}.",
    "Médico: {NAME|Estela Romero Salas}  NºCol: {LICENSE|28 28 20943}.",
    "La Dra. {NAME|Núñez} y el Dr. {NAME|Ortega Ruiz}; Dña. {NAME|Carmen López}; Sr. {NAME|Vidal}",
    "Paciente: {NAME|Ana Belén Torres}",
    "{STREET|C/ Mayor 12, 3º B}; {STREET|Avda. de la Constitución, 45}; {STREET|Plaza España 3}",
    "{ORGANIZATION|Hospital Universitario La Paz}; {ORGANIZATION|Centro de Salud Los Olmos}",
    "Solicitado por: {NAME|Sabela Otero}\nInformación clínica: vómitos. Firmado electrónicamente por {NAME|Gorka Elizalde} el {DATE|4/4/2021}",
    "Se informa a {NAME|Amaia Lourido} por teléfono. Copia para {NAME|Jordi Pons}; su hija, {NAME|Nerea Lourido}, acude",
    "INGRESA TRAS VALORACIÓN DEL DR. {NAME|LOURIDO} POR DIURESIS ESCASA; DRA. {NAME|AMAIA OTXOA} EN PLANTA",
    "{NAME|Sabela Otero Puig}, de 65 años; {NAME|Nerea Lourido}, enfermera; {NAME|Otero Puig, Sabela} ({MRN|736421})",
    "Atentamente,\n{NAME|Xabier Lourido}\n{ORGANIZATION|Clínica Trasmoz}\nINFORME DE INGRESO\nPaciente: {NAME|Otero Puig}",
    "Visto en {ORGANIZATION|Centro de Diálisis Alcaudete}. No alergias. {ORGANIZATION|Hospital Santa Casilda}\nAsunto: alta",
    "Desde {ORGANIZATION|HOSPITAL GENERAL DE CHINCHILLA} Y DADO DE ALTA; trabaja en {ORGANIZATION|Talleres Huérmeces}.",
    "Vive en {STREET|C/ del Abrevadero, n.º 71, 2º D}, {LOCATION|Lekeitio}, con su hija. {STREET|Pza. de la Judería, n.º 1}",
    "{STREET|Camino Mesón Viejo 18}, {ZIP|01338} {LOCATION|CERVATOS}. {STREET|Polígono Las Eras 4}; {STREET|Urb. Los Olmos 12}",
    "Antes residía en {LOCATION|Castrojimeno}. Natural de {LOCATION|Cervatos} y residente en {LOCATION|Robledillo}.",
    "N.º col. {LICENSE|24/09/61601}; Seguridad Social {NATIONAL_ID|54 30617410 91}; NASS: {NATIONAL_ID|03/46752615/32}",
    "Ingresó el {DATE|2 de\nmayo de 2021}",
    "natural de {LOCATION|Cuenca}; DNI {NATIONAL_ID|12345678Z}",
]
NOT_SPANISH = [
    "Paciente: varón de 53 años. Médico: no consta. El hospital general, centro de salud, la clínica habitual",
    "vía oral cada 8 horas, plaza de residencia, camino a casa, 500 mg, una vez al día, paseo diario",
    "Acude a urgencias con fiebre de 38,5 y dolor 5/10; TA 120/80; don de gentes; doctora de guardia",
    "polígono de Willis completo, EVA 6/10, dolor 10/10, EVA 0/10, vía aérea permeable, Centro de Salud habitual",
    "Valorado por Cardiología. INTERVENIDO DE APENDICITIS EN LA INFANCIA. Remitido a Urgencias. Acompañado de su hija",
    "Síndrome de Guillain Barré, enfermedad de Von Willebrand, Klebsiella Pneumoniae y Escherichia Coli; escala de Glasgow 15",
    "Procedente de Ecuador. Natural de Marruecos. Reside en Domicilio propio. Vive en Casa con familia. Banco de Sangre",
    "A cargo de Medicina Interna. Su madre, hipertensa. Padre: fallecido. Se informa a la familia. Según Protocolo",
    "Resonancia Magnética, Test de Barthel, Cirugía General y Digestivo, Ginecología, 3 años de seguimiento. Col. 12.5",
    "Oncología refiere estabilidad. Familia pregunta por evolución. Trabaja en la construcción. Hospital de Día",
]


@pytest.mark.parametrize("marked", SPANISH)
def test_a_spanish_identifier_is_found(marked: str) -> None:
    check(marked, "es")


@pytest.mark.parametrize("text", NOT_SPANISH)
def test_ordinary_spanish_stays(text: str) -> None:
    assert found(text, "es") == set()


def test_nine_digits_in_one_piece_are_a_telephone_number_in_spanish_alone() -> None:
    check("Llamar al familiar {PHONE|612345678}", "es")
    assert {kind for kind, _, _ in found("Seen again 612345678", "en")} == {"ID"}


def test_a_text_without_capitals_is_read_as_if_it_had_them() -> None:
    check(
        "se informa a {NAME|amaia lourido} por teléfono. visto en {ORGANIZATION|clínica los olmos}, natural de {LOCATION|cervatos}",
        "es",
    )
    check("Se informa a amaia por teléfono. Visto en la clínica de los olmos con buena evolución", "es")


@pytest.mark.parametrize(
    "text",
    [
        "paciente de ochenta años, hipertenso, diabético, acude a urgencias por disnea y dolor torácico de dos horas",
        "valorado por cardiología y neurología. intervenido de apendicitis. tratamiento con omeprazol y metformina",
        "acompañado de su hija. a cargo de medicina interna. vive con su marido en casa. hospital de día. centro de salud",
        "dolor que cede con alivio, vía periférica 18g permeable en brazo izquierdo y vía central en yugular derecha",
    ],
)
def test_ordinary_words_without_capitals_stay(text: str) -> None:
    assert found(text, "es") == set()
