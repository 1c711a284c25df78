//! How far a refresh is, as its dataset says.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};

use outflow_model::Fault;
use outflow_profiles::source::{ListedFile, LocalStorage, RandomAccess, SourceFile, Storage};
use outflow_store::Dataset;
use serde_json::{Value, json};

use crate::world::{SANDBOX, Server, World, until};

/// Local files whose `held`-th opening, and every later one, waits.
struct Gate {
    held: AtomicUsize,
    is_open: Mutex<bool>,
    changed: Condvar,
}

impl Gate {
    fn new(held: usize) -> Arc<Gate> {
        Arc::new(Gate { held: AtomicUsize::new(held), is_open: Mutex::new(false), changed: Condvar::new() })
    }

    fn open_up(&self) {
        *self.is_open.lock().unwrap() = true;
        self.changed.notify_all();
    }
}

impl Storage for Gate {
    fn handles(&self, pattern: &str) -> bool {
        LocalStorage.handles(pattern)
    }

    fn list(&self, pattern: &str) -> Result<Vec<ListedFile>, Fault> {
        LocalStorage.list(pattern)
    }

    fn open(&self, file: &SourceFile) -> Result<Arc<dyn RandomAccess>, Fault> {
        let left = self.held.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(1)));
        if left.unwrap() <= 1 {
            let is_open = self.is_open.lock().unwrap();
            drop(self.changed.wait_while(is_open, |is_open| !*is_open).unwrap());
        }
        LocalStorage.open(file)
    }
}

async fn refresh_of(world: &World, dataset: &str) -> Value {
    let document = world.store.read().await.unwrap().get::<Dataset>(SANDBOX, dataset).await.unwrap();
    document.details["refresh"].clone()
}

/// The refresh of three people, held where a file is opened for the `held`-th time: what it says then, and in the end.
async fn held(held: usize, step: &str) -> (Value, Value) {
    let mut world = World::new().await;
    let gate = Gate::new(held);
    world.storages = vec![Arc::clone(&gate) as _];
    world.write_people(&[("a@x", "US", 10), ("b@x", "DE", 20), ("c@x", "US", 30)]);
    let server = Server::start(&world.runner());
    let dataset = world.attach().await;
    server.runner.wake();
    until("the refresh says how far it is", async || refresh_of(&world, &dataset).await["progress"]["step"] == step)
        .await;
    let under_way = refresh_of(&world, &dataset).await;
    gate.open_up();
    world.idle().await;
    server.stop().await;
    (under_way, refresh_of(&world, &dataset).await)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refresh_says_how_much_there_is_while_it_goes_on() {
    let bytes = "email,country,points\na@x,US,10\nb@x,DE,20\nc@x,US,30\n".len();
    // Types are found in all of a text file, then its records are read.
    for (openings, step, total) in [(1, "opening", bytes), (2, "reading", 3)] {
        let (under_way, ended) = held(openings, step).await;
        assert_eq!(under_way["state"], "processing", "{under_way}");
        let progress = &under_way["progress"];
        let told = [&progress["done"], &progress["total"], &progress["bytesTotal"]];
        assert_eq!(told, [&json!(0), &json!(total), &json!(bytes)], "{under_way}");
        assert!(progress["updatedAt"].is_string() && under_way["startedAt"].is_string(), "{under_way}");
        assert_eq!((&ended["state"], ended.get("progress")), (&json!("success"), None), "{ended}");
    }
}
