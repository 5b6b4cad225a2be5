-- The issuer's ledger, schema 3. What was issued stays: see the triggers.
CREATE TABLE meta (
  key TEXT PRIMARY KEY, value BLOB NOT NULL
) STRICT;
CREATE TABLE counters (
  prefix TEXT, width INTEGER, first INTEGER, last INTEGER, next INTEGER NOT NULL,
  PRIMARY KEY (prefix, width, first, last)
) STRICT;
CREATE TABLE lists (
  list_id INTEGER PRIMARY KEY, next INTEGER NOT NULL
) STRICT;
CREATE TABLE certificates (
  id INTEGER PRIMARY KEY,
  number TEXT NOT NULL UNIQUE,
  list_id INTEGER NOT NULL, list_index INTEGER NOT NULL,
  digest BLOB NOT NULL UNIQUE,
  opening BLOB,
  allocated_s INTEGER NOT NULL,
  issued_s INTEGER, thumbprint BLOB, payload BLOB, to_be_signed BLOB, code_text TEXT,
  photo BLOB CHECK (length(photo) IN (0, 32)),
  work_unit TEXT,
  UNIQUE (list_id, list_index)
) STRICT;
CREATE TABLE history (
  id INTEGER PRIMARY KEY,
  certificate INTEGER NOT NULL REFERENCES certificates (id),
  kind INTEGER NOT NULL, day INTEGER NOT NULL, reason TEXT, remark TEXT, successor TEXT,
  at_s INTEGER NOT NULL
) STRICT;
CREATE INDEX history_certificate ON history (certificate, id);
CREATE TABLE publications (
  list_id INTEGER, epoch INTEGER, sequence INTEGER,
  issued_s INTEGER NOT NULL, state_hash BLOB NOT NULL, list BLOB, delta BLOB,
  PRIMARY KEY (list_id, epoch, sequence)
) STRICT;
CREATE TRIGGER certificates_stay BEFORE DELETE ON certificates
  BEGIN SELECT raise(ABORT, 'a certificate is never deleted'); END;
CREATE TRIGGER certificates_fixed
  BEFORE UPDATE OF number, list_id, list_index, digest ON certificates
  BEGIN SELECT raise(ABORT, 'a place once given is never changed'); END;
CREATE TRIGGER openings_fixed BEFORE UPDATE OF opening ON certificates
  WHEN old.payload IS NOT NULL
  BEGIN SELECT raise(ABORT, 'a certificate keeps its opening'); END;
CREATE TRIGGER photos_fixed BEFORE UPDATE OF photo ON certificates
  WHEN old.payload IS NOT NULL AND old.photo IS NOT NULL AND new.photo IS NOT old.photo
  BEGIN SELECT raise(ABORT, 'a certificate keeps its photo'); END;
CREATE TRIGGER work_units_fixed BEFORE UPDATE OF work_unit ON certificates
  WHEN old.payload IS NOT NULL AND old.work_unit IS NOT NULL AND new.work_unit IS NOT old.work_unit
  BEGIN SELECT raise(ABORT, 'a certificate keeps its work unit'); END;
CREATE TRIGGER certificates_once BEFORE UPDATE OF payload ON certificates
  WHEN old.payload IS NOT NULL
  BEGIN SELECT raise(ABORT, 'a certificate is issued once'); END;
CREATE TRIGGER history_stays BEFORE DELETE ON history
  BEGIN SELECT raise(ABORT, 'history is never deleted'); END;
CREATE TRIGGER history_fixed BEFORE UPDATE ON history
  BEGIN SELECT raise(ABORT, 'history is never changed'); END;
