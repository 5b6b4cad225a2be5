"""Who speaks: public keys, suites, signers."""
