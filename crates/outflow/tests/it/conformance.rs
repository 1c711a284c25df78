//! The HTTP API as clients made for the modelled services see it: a program that knows only their published shapes goes
//! through the whole workflow, and every answer must have its shape.

use serde_json::{Value, json};

use crate::place::{Kind, Place};
use crate::samples::lake;
use crate::server::{Server, access};

#[test]
fn every_answer_of_the_workflow_has_its_published_shape() {
    let server = Server::start();
    server.attach("customers", &lake(20_000, 3, 2));
    let place = Place::new(Kind::Moto);
    let access = access(&place);
    let param = |name: &str| {
        let prefix = format!("{name}=");
        access.params.iter().find_map(|param| param.strip_prefix(&prefix)).unwrap()
    };
    let given = json!({
        "adminSecret": std::fs::read_to_string(server.data().join("admin-secret")).unwrap().trim(),
        "key": param("s3AccessKey"),
        "secret": access.secret.as_ref().unwrap().1,
        "endpoint": param("endpoint"),
        "bucket": access.target[1],
        "path": access.target[3],
    });
    let shapes = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/shapes.json");
    let program = include_str!("conformance.py");
    let printed = outflow_testkit::python::run_python(program, &[server.url(), shapes, &given.to_string()]);
    let told: Value = serde_json::from_str(printed.lines().last().unwrap()).unwrap();
    // One for each member of each shape, and more where answers come again.
    assert!(told["mutants"].as_u64().unwrap() > 500, "{told}");
    assert_eq!(place.read().len(), 4, "two runs, each a file and its manifest");
}
