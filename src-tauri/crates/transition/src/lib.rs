//! A transition of care followed by a COT: referral, claim, assignment, handover.
