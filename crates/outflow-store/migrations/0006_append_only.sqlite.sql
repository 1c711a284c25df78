-- The audit log only grows. What replaces a row in SQLite deletes it without telling triggers, so a number that is taken
-- is refused too.
CREATE TRIGGER audit_is_not_updated BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit log only grows');
END;
CREATE TRIGGER audit_is_not_deleted BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit log only grows');
END;
CREATE TRIGGER audit_is_not_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE sandbox = NEW.sandbox AND seq = NEW.seq)
BEGIN
  SELECT RAISE(ABORT, 'the audit log only grows');
END;
