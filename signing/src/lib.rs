//! Document in, signed document out: PAdES with a card, a token or, for training, a PKCS#12.
