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
    "natural de {LOCATION|Cuenca}; DNI {NATIONAL_ID|12345678Z}",
]
NOT_SPANISH = [
    "Paciente: varón de 53 años. Médico: no consta. El hospital general, centro de salud, la clínica habitual",
    "vía oral cada 8 horas, plaza de residencia, camino a casa, 500 mg, una vez al día, paseo diario",
    "Acude a urgencias con fiebre de 38,5 y dolor 5/10; TA 120/80; don de gentes; doctora de guardia",
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
