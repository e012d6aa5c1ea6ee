"""De-identification of clinical text: pure functions over spans, records and dates; no models, no devices."""
