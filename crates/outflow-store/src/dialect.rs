//! What SQLite and PostgreSQL do not share: a dozen words.

/// Which of the two it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// A file of this machine. One connection writes at a time.
    Sqlite,
    /// A server.
    Postgres,
}

impl Dialect {
    /// How a transaction that will write begins. SQLite takes its one write lock at once: a transaction that reads
    /// first and writes then may find that another one wrote between, and would fail instead of waiting.
    pub(crate) fn begin(self) -> &'static str {
        match self {
            Dialect::Sqlite => "BEGIN IMMEDIATE",
            Dialect::Postgres => "BEGIN",
        }
    }

    /// Ends a `SELECT` whose rows nobody else may change until the transaction ends. In SQLite nobody else writes
    /// anyway.
    pub(crate) fn for_update(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE",
        }
    }

    /// Ends a `SELECT` whose rows nobody else may delete, or lock with [`Dialect::for_update`], until the transaction
    /// ends.
    pub(crate) fn for_share(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR KEY SHARE",
        }
    }

    /// Ends a `SELECT` that takes the first row that no other transaction holds.
    pub(crate) fn for_update_skip_locked(self) -> &'static str {
        match self {
            Dialect::Sqlite => "",
            Dialect::Postgres => " FOR UPDATE SKIP LOCKED",
        }
    }

    /// An aggregate of `columns`, names with commas between, over all rows in `order`: a JSON array with an array for
    /// each row, as text.
    pub(crate) fn json_rows(self, columns: &str, order: &str) -> String {
        match self {
            Dialect::Sqlite => format!("json_group_array(json_array({columns}) ORDER BY {order})"),
            Dialect::Postgres => {
                format!("COALESCE(json_agg(json_build_array({columns}) ORDER BY {order}), '[]')::text")
            }
        }
    }
}
