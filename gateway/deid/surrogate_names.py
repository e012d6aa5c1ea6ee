"""Given and family names of which surrogates are made, of many cultures.

Law: a name is one word of letters; no list repeats one; nobody's record is here, these are lists of frequent
names. Sources of what is frequent: US Census Bureau, surnames 2010, and Social Security Administration, baby
names; Office for National Statistics, baby names (England and Wales); Instituto Nacional de Estadística,
nombres y apellidos más frecuentes; Ministry of Public Security of China, national name report 2020; and for
the other cultures the lists of frequent names in Wikipedia. Chosen by hand; words of everyday or clinical
English (Grace, Young, Bone) are left out, so that a surrogate reads as a name.
"""

from __future__ import annotations

from gateway.deid.surrogate_words import listed

GIVEN_FEMALE = listed(
    "Abigail Adriana Agnes Aisha Alejandra Aleksandra Alexis Alice Alicia Allison Amanda Amara Amelia "
    "Amina Amy Ana Anastasia Andrea Angela Anika Anita Anjali Anna Annette Aoife Ariana Astrid Audrey "
    "Ayesha Ayumi Barbara Beatrice Bernadette Beth Bianca Brenda Bridget Camille Carla Carmen Caroline "
    "Catalina Catherine Cecilia Celeste Charlotte Chiara Chloe Christina Clara Claudia Colleen Constance "
    "Cynthia Daniela Deborah Deepika Denise Diana Dolores Dorothy Edith Eileen Elena Eleni Elisa "
    "Elizabeth Ellen Emilia Emily Erika Esther Eva Evelyn Farah Fatima Fatou Fiona Florence Frances "
    "Francesca Freya Gabriela Genevieve Gloria Greta Gwendolyn Hana Hannah Harriet Heidi Helena Hilda Ida "
    "Ingrid Irene Isabel Isabella Ivana Jacqueline Jane Janet Jasmin Jelena Jennifer Jessica Joan Joanna "
    "Josephine Joyce Judith Julia Karen Katarina Katherine Kavita Keiko Kimberly Klara Lakshmi Laura Leah "
    "Leila Leticia Linda Lorena Louise Lucia Lydia Magdalena Malika Margaret Maria Mariam Marie Martha "
    "Mei Melissa Mercy Michelle Miriam Monica Nadia Nancy Naomi Natalia Ngozi Nicole Nina Noor Olga "
    "Olivia Pamela Patricia Paula Petra Priya Rachel Rebecca Renata Rosa Roxana Ruth Sabrina Samantha "
    "Sandra Sarah Saoirse Shanice Sharon Shreya Silvia Simone Sofia Soledad Sonia Stella Susan Svetlana "
    "Sylvia Tamara Tanisha Tatiana Teresa Theresa Tiffany Ursula Valeria Vanessa Vera Veronica Victoria "
    "Virginia Wanda Wendy Yasmin Yolanda Yuki Zainab Zoe"
)
GIVEN_MALE = listed(
    "Aaron Abdul Abel Adam Adebayo Adrian Ahmed Alan Albert Alejandro Alexander Alfonso Ali Amir Andrew "
    "Angus Anil Anthony Antonio Arjun Arthur Arturo Benjamin Bernard Boris Brandon Brendan Brian Bruno "
    "Bryan Calvin Carlos Cedric Charles Chidi Christian Christopher Ciaran Clement Colin Connor Craig "
    "Curtis Cyril Damian Daniel Darius Darren David Dennis Derek Desmond Diego Dieter Dimitri Dominic "
    "Douglas Duncan Edgar Eduardo Edward Edwin Elias Emeka Emmanuel Enrique Eric Ernesto Ethan Eugene "
    "Fabio Farid Felix Fernando Francis Francisco Frederick Gabriel George Gerald Giovanni Gordon Graham "
    "Gregory Gustavo Hamza Harold Hassan Hector Henrik Henry Hiroshi Hugo Hussein Ian Ibrahim Igor Isaac "
    "Ivan Jacob Jamal James Jason Javier Jeffrey Jerome Joaquin John Jonathan Jorge Joseph Joshua Julian "
    "Juan Karl Keith Kenji Kenneth Kevin Khalid Kwame Lars Laurence Leonard Leon Liam Lorenzo Louis Luca "
    "Lucas Luis Malcolm Manuel Marcus Mario Martin Matthew Maurice Mehmet Michael Miguel Mikhail Milan "
    "Mohammed Nathan Nathaniel Neil Nicholas Nikolai Nigel Oleg Oliver Omar Oscar Pablo Patrick Paul "
    "Pedro Peter Philip Pierre Rafael Raj Rajesh Ramon Raymond Ricardo Richard Robert Roberto Roger "
    "Roland Ronald Rohan Russell Salvador Samir Samuel Sanjay Sean Sebastian Sergei Simon Sipho Stanley "
    "Stefan Stephen Steven Stuart Suleiman Sven Takeshi Tariq Terence Theodore Thomas Timothy Tomas "
    "Trevor Tyrone Umar Vicente Victor Vikram Vincent Vladimir Walter Wayne William Xavier Yusuf Zachary"
)
FAMILY = listed(
    "Abbott Abdi Abernathy Acheampong Acosta Adebisi Adeyemi Aguilar Ahmadi Akhtar Alvarado Amadi Ambrose "
    "Andersson Andrade Antonelli Appiah Arellano Armstrong Arora Asante Ashworth Atkinson Avila Ayala "
    "Bailey Bakshi Balogun Banerjee Barlow Barnett Barrera Bartlett Basu Bauer Beaumont Becker Bedford "
    "Benavides Benitez Bergstrom Bianchi Bielski Birkett Blackwell Blaine Boateng Bogdanov Bonilla "
    "Bouchard Bowden Boyle Bradford Brandt Brennan Bridges Briggs Bristow Brockman Brodsky Burgess "
    "Burkhart Byrne Caballero Calderon Calhoun Callahan Camacho Cantrell Cardenas Carlson Carmichael "
    "Carvalho Castaneda Castellano Cervantes Chandra Chatterjee Chaudhry Chavez Chen Cheung Cho Chowdhury "
    "Christensen Cisneros Clayton Clements Cochran Coleman Colombo Conley Connolly Contreras Conway "
    "Corbett Cordova Cortez Costello Coughlin Crawford Cromwell Cuevas Dalton Danjuma Das Davenport "
    "Dawson Delacroix Delaney Delgado Desai Dhillon Diallo Dietrich Diop Dogan Donnelly Donovan Doyle "
    "Drummond Dubois Duffy Dunlap Duong Durham Dvorak Eastman Echeverria Edmonds Eklund Elizondo Ellison "
    "Emerson Engel Eriksen Escobar Espinoza Esposito Estrada Ezeugo Fairbanks Farooqi Farrell Faulkner "
    "Feldman Ferguson Ferraro Figueroa Finnegan Fischer Fitzgerald Flanagan Fleming Forsyth Fournier "
    "Frazier Friedman Fuentes Fujimoto Galindo Gallagher Gallegos Garibay Garrison Gbadamosi Gentry "
    "Georgiou Ghosh Gilmore Goldberg Gomes Gonzaga Goodwin Gordon Grabowski Granados Greenberg Griffith "
    "Grimaldi Guerra Gunnarsson Gupta Gutierrez Guzman Haddad Halloran Hamilton Hanrahan Hansen Haroun "
    "Harrington Hashimoto Hassani Hawkins Hayashi Heller Henderson Herrera Hidalgo Higgins Hoang Hoffman "
    "Holloway Horvath Hossain Huang Hutchinson Huynh Ibarra Idowu Iglesias Imran Ingram Iqbal Ishikawa "
    "Ivanov Iyer Jablonski Jacobsen Jain Jamison Jankowski Jaramillo Jefferson Jimenez Johansson Joshi "
    "Juarez Kaczmarek Kamara Kaminski Kapoor Karlsson Katz Kaur Kavanagh Keating Keller Kendrick Kenyatta "
    "Khatri Kiplagat Kirkland Kobayashi Kovacs Kowalski Kozlov Krishnan Kristoffersen Kruger Kulkarni "
    "Kuznetsov Lachance Lancaster Landry Larkin Larsson Lawson Leblanc Lefebvre Lehmann Leighton Lennox "
    "Levine Lindqvist Lockhart Lombardi Londono Lozano Lucero Lundgren Lynch Macdonald Mackenzie Madrigal "
    "Mahmoud Maldonado Malhotra Mancini Mandel Manning Marchetti Marinescu Marquez Marshall Martinelli "
    "Matsuda Mbeki McAllister McBride McCarthy McCormick McDowell McGrath McIntyre McKenna McLaughlin "
    "Medina Mehta Mejia Mendoza Mercado Merriweather Meyer Michaels Mikkelsen Miranda Mistry Mitchell "
    "Montague Montoya Moorthy Morales Moreau Moretti Morrison Mukherjee Mulligan Murakami Mwangi Nakamura "
    "Narayanan Navarro Ndiaye Nguyen Nielsen Nikolaidis Nkosi Nolan Novak Nwosu Obrien Ochoa Oconnor "
    "Odonnell Ogunleye Okafor Okonkwo Olawale Oliveira Olsen Oneill Orozco Ortega Osborne Osei Osullivan "
    "Owusu Ozturk Pacheco Padilla Palermo Palmer Papadopoulos Parekh Parkhurst Patel Pearson Pellegrino "
    "Pereira Petrov Pham Phillips Pierce Popescu Porterfield Prescott Quigley Quintero Raghavan Rahman "
    "Ramsey Rangel Rasmussen Raymundo Reddy Reilly Reinhardt Renteria Reynolds Ricci Richter Rinaldi "
    "Robinson Rosales Rosenthal Rossi Rousseau Rutherford Saavedra Sadler Salazar Samuelson Sandoval "
    "Santana Sato Savage Schaefer Schneider Schultz Sepulveda Serrano Sethi Shapiro Sharma Sheridan "
    "Shrestha Siddiqui Silverman Simmons Sinclair Singh Sithole Smirnov Sorensen Spencer Stanton "
    "Stephenson Stewart Stokes Suarez Sullivan Sutherland Suzuki Swanson Takahashi Tanaka Tavares Tekle "
    "Tennant Teixeira Thakur Thapa Thornton Tran Trevino Tshabalala Turcotte Underwood Uribe Valdez "
    "Valenzuela Vandenberg Vargas Vasquez Vaughan Velasco Venter Villanueva Vogel Volkov Wagner Walsh "
    "Wanjiru Watanabe Watkins Webster Weinstein Whitaker Whitfield Wilcox Williamson Winslow Wozniak "
    "Yamamoto Yeboah Yilmaz Yoder Zamora Zapata Zhao Zielinski Zimmerman Zuniga"
)

ES_GIVEN_FEMALE = listed(
    "Adela Aitana Alba Almudena Amparo Ainhoa Araceli Aurora Begoña Berta Blanca Candela Carlota Celia "
    "Concepción Consuelo Cristina Elvira Encarnación Estela Estefanía Eugenia Fátima Gema Gimena Inés "
    "Inmaculada Irene Isidora Jimena Josefa Juana Julieta Laia Lorena Lourdes Lucía Macarena Maite "
    "Manuela Marina Marisol Matilde Mercedes Milagros Míriam Montserrat Natividad Nerea Noelia Nuria "
    "Olalla Paloma Pilar Purificación Raquel Remedios Rocío Rosario Salomé Sara Silvia Trinidad Verónica "
    "Violeta Ximena Yaiza Zaida"
)
ES_GIVEN_MALE = listed(
    "José "
    "Adolfo Agustín Aitor Álvaro Amadeo Andrés Ángel Anselmo Aurelio Baltasar Bartolomé Benito Bernardo "
    "Borja Celestino César Claudio Cristóbal Damián Domingo Efraín Eloy Emilio Esteban Eusebio Evaristo "
    "Fabián Félix Federico Fermín Florencio Gaspar Gerardo Germán Gonzalo Gregorio Guillermo Héctor "
    "Hilario Ignacio Isidro Iker Jacinto Jaime Jerónimo Jesús Joaquín Julián Leandro Leopoldo Lorenzo "
    "Marcelo Mariano Matías Mauricio Máximo Nicolás Octavio Óscar Patricio Raimundo Ramiro Raúl Rodolfo "
    "Rodrigo Rogelio Rubén Santiago Saúl Tomás Ulises Valentín Wenceslao"
)
ES_FAMILY = listed(
    "Abad Acevedo Aguirre Alarcón Albarracín Alcalde Alcaraz Alonso Altamirano Álvarez Amador Aranda Arce "
    "Ariza Arribas Asensio Ávalos Ballesteros Barrios Bautista Becerra Beltrán Benavente Bermúdez Bernal "
    "Blanco Blasco Bravo Bueno Bustamante Cabello Cabrera Calvo Cañete Carballo Carrasco Carrillo Casado "
    "Castaño Cebrián Céspedes Clemente Collado Cordero Coronado Correa Crespo Cuesta Dávila Domínguez "
    "Duarte Duque Durán Echevarría Escudero Espejo Esteve Expósito Fajardo Farias Ferrer Franco Frías "
    "Gallardo Gálvez Garrido Gimeno Giráldez Godoy Grijalva Guerrero Heredia Hernando Hinojosa Hurtado "
    "Ibáñez Izquierdo Jurado Lafuente Lara Leal Leiva Linares Llorente Lobato Luque Luna Macías Manzano "
    "Marín Mata Mena Menéndez Merino Millán Miralles Molina Montalvo Montero Mora Moya Muñoz Naranjo "
    "Nieto Núñez Ocampo Ojeda Olmedo Ordóñez Orellana Osorio Otero Palacios Pardo Parra Pastor Peralta "
    "Pineda Pizarro Ponce Prieto Quesada Quiroga Redondo Reina Requena Rey Ribera Rincón Roca Roldán "
    "Romero Rubio Saiz Salas Salinas Sanabria Santamaría Segura Serna Sierra Solano Soler Soriano "
    "Sotomayor Tapia Tejada Toledo Toro Ulloa Urrutia Valero Valverde Varela Vega Velázquez Vera Vicario "
    "Vidal Villalba Villegas Yáñez Zambrano Zorrilla Zurita"
)

ZH_SURNAMES = tuple(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾萧田董袁潘蒋蔡余于杜叶程苏魏吕丁任卢姚"
    "沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔汤"
)
ZH_COMPOUND = ("欧阳", "上官", "司马", "诸葛", "皇甫", "东方", "尉迟", "公孙", "慕容", "令狐", "司徒", "夏侯")
ZH_GIVEN_FEMALE = tuple(
    "芳娜敏静秀丽艳娟霞燕玲桂英兰婷雪琳倩颖洁慧莉婉莹萍红玉琴蓉薇梅菊怡佳欣妍悦彤蕾菲雅诗梦涵"
)
ZH_GIVEN_MALE = tuple(
    "伟强磊军洋勇杰涛超明刚平辉鹏飞鑫波斌宇浩凯健俊帆帅旭宁龙林峰亮建国志东海毅晨轩泽睿博瀚"
)
ZH_FOREIGN = listed(
    "阿依古丽 买买提 热合曼 吐尔逊 努尔兰 帕提古丽 扎西 卓玛 次仁 多吉 格桑 巴特尔 其其格 乌兰 哈斯 "
    "安娜 玛丽亚 彼得 伊万 卡洛斯 索菲亚 迈克尔 艾米丽 汉斯 路易莎 奥列格 娜塔莎 马克西姆 维克多 丹尼尔"
)
ZH_TITLES = (
    *(
        "主治医师",
        "主任医师",
        "住院医师",
        "护士长",
        "医生",
        "大夫",
        "医师",
        "主任",
        "院长",
        "科长",
        "教授",
        "老师",
        "护士",
    ),
    *(
        "药师",
        "技师",
        "先生",
        "女士",
        "小姐",
        "太太",
        "夫人",
        "阿姨",
        "师傅",
        "同志",
        "奶奶",
        "爷爷",
        "大爷",
        "大妈",
        "氏",
    ),
)
ZH_TITLES_FEMALE = frozenset({"女士", "小姐", "太太", "夫人", "阿姨", "奶奶", "大妈"})
ZH_TITLES_MALE = frozenset({"先生", "爷爷", "大爷"})

TITLES_BEFORE_GIVEN = frozenset({"don", "doña", "dña", "d"})
TITLES_FEMALE = frozenset(listed("mrs ms miss dra sra srta doña dña madam señora señorita doctora lady"))
TITLES_MALE = frozenset(listed("mr sr don sir señor"))
TITLES = (
    TITLES_FEMALE | TITLES_MALE | frozenset(listed("dr doctor prof professor profesor profesora mx dres"))
)
CREDENTIALS = frozenset(
    listed(
        "md do phd rn np pa pac lpn aprn dnp cnm dds dmd dpm mph mbbs frcs frcp facs facp pharmd psyd lcsw "
        "msw rd pt ot dpt jr iii ii iv esq"
    )
)
