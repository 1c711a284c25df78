//! `sql/text` from anyone: `cargo +nightly fuzz run sql -- -max_len=4096`.
//!
//! Reading must not panic, hang or exhaust the stack; what is read must print to `pql/text` that reads back equal; errors
//! must render.

#![no_main]

use libfuzzer_sys::fuzz_target;
use outflow_model::rule::{bind, parse_pql, parse_sql};
use outflow_model::schema::Schema;

fuzz_target!(|text: &str| {
    match parse_sql(text) {
        Ok(expr) => {
            let printed = expr.to_string();
            let again = parse_pql(&printed).unwrap_or_else(|e| panic!("{}", e.render(&printed)));
            assert_eq!(again, expr);
            if let Err(errors) = bind(&expr, &Schema::default(), chrono::DateTime::UNIX_EPOCH) {
                errors.render(text);
            }
        }
        Err(errors) => {
            errors.render(text);
        }
    }
});
