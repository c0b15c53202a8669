//! `region-sandbox --data DIR --port N`: the region alone, for training and for work on the workstation.
fn main() {}
