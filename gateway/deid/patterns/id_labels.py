"""Labels of numbers and codes by the type of what follows them; `_` stands for a space.

Law: what a strong label names is an identifier whatever joins them; a weak one is a common word too and needs a
colon, a sign or a word for number. Source: 45 CFR 164.514(b)(2)(i)(D) to (R), and the heads of records.
Imports: the standard library only.
"""

from __future__ import annotations

STRONG = {
    "MRN": "mrn mr_# mr_no mr_number m.r.n. medical_record med_rec medrec mpi empi emrn hospital_number "
        "hospital_no"
    " hosp_no unit_number patient_id patient_identifier patient_number patient_no pt_id pat_id "
        "chart_number chart_no"
    " chart_# encounter_number encounter_id encounter_no encounter_# csn visit_number visit_id visit_no "
        "visit_#"
    " accession acc_# acc_no fin_number fin_# fin har_# episode_number admission_number admission_no "
        "admission_id"
    " nhc n.h.c. n.º_historia nº_historia número_de_historia historia_clínica_n history_number hcn cipa",
    "HEALTH_PLAN": "member_id member_number member_no member_# subscriber_id subscriber_number subscriber_#"
    " policy_number policy_no policy_# policy_id group_number group_no group_# group_id plan_number plan_id"
    " medicare_id medicare_number medicare_no medicare_# medicare_beneficiary mbi hicn hic_number medicaid_id"
    " medicaid_number medicaid_no medicaid_# insurance_id insurance_number insurance_no insurance_policy"
    " insurance_# beneficiary_id beneficiary_number payer_id health_plan_id rx_bin rxgrp rx_grp"
    " cip-sns health_card ohip phn",
    "ACCOUNT": "account_number account_no account_# account_id acct_number acct_no acct_# acct a/c "
        "bank_account"
    " routing_number routing_no iban invoice_number invoice_no invoice_# billing_number bill_number "
        "card_number"
    " credit_card debit_card guarantor_number guarantor_id guarantor_account statement_number cuenta_bancaria"
    " número_de_cuenta",
    "LICENSE": "license_number license_no license_# licence_number licence_no driver's_license "
        "driver's_licence"
    " drivers_license driver_license driving_licence driver's_lic driver's_license_number dl_number "
        "dl_no dl_#"
    " npi dea dea_number dea_# upin medical_license state_license lic_# lic_no certificate_number "
        "certificate_no"
    " certificate_# certification_number registration_number registration_no gmc nmc gmc_number gmc_no "
        "nmc_pin"
    " nºcol nºcol. nº_col n.º_col colegiado número_de_colegiado nº_colegiado num_colegiado",
    "VEHICLE": "vin vehicle_identification license_plate licence_plate plate_number plate_no matrícula",
    "DEVICE": "serial_number serial_no serial_# serial_num serial s/n lot_number lot_no lot_# udi imei "
        "device_id"
    " device_identifier device_serial implant_id implant_serial pacemaker_serial pulse_generator_serial",
    "SSN": "ssn ss_# ss_number ssn/itin social_security social_security_number social_security_no "
        "soc_sec s.s.n.",
    "PASSPORT": "passport passport_number passport_no pasaporte",
    "NATIONAL_ID": "nhs_number nhs_no nhs_# nino national_insurance social_insurance national_id"
    " national_identity nass nuss n.a.s.s. dni nie d.n.i. n.i.e. curp aadhaar tax_id tin ein itin chi_number",
    "ID": "study_id subject_id participant_id employee_id employee_number badge_number badge_no badge_#"
    " confirmation_number confirmation_# job_number job_no job_# dictation_id reference_number "
        "reference_no ref_no ref_# ref_number "
        "tracking_number"
    " ticket_number case_number case_no case_# case_id claim_number claim_no claim_# claim_id order_number"
    " order_no order_# order_id specimen_number specimen_no specimen_# specimen_id requisition_number"
    " requisition_no requisition_# rx_number rx_no rx_# prescription_number prescription_no prescription_#"
    " barcode user_id username user_name student_id student_number authorization_number auth_number auth_#"
    " referral_number referral_# donor_id fingerprint_id biometric_id voiceprint_id retinal_scan_id "
        "file_number"
    " file_no file_# document_number document_id document_no record_number record_no record_# incident_number"
    " transaction_id inmate_number inmate_id military_id dod_id service_number token",
}  # fmt: skip
WEAK = {
    "MRN": "episodio encounter visit mr chart episode admission record",
    "HEALTH_PLAN": "member subscriber policy group insurance insured medicare medicaid beneficiary bcbs "
        "aetna cigna humana"
    " uhc kaiser tricare",
    "ACCOUNT": "account card invoice guarantor",
    "LICENSE": "license licence lic dl certificate registration",
    "VEHICLE": "plate tag",
    "NATIONAL_ID": "nhs",
    "DEVICE": "lot sn model device implant generator lead",
    "ID": "id identifier job case claim order specimen requisition reference confirmation badge employee "
        "subject"
    " participant donor inmate",
}  # fmt: skip
