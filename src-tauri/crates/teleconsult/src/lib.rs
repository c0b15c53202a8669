//! A teleconsult case: request, states, answer, clocks, and its FHIR mapping.
