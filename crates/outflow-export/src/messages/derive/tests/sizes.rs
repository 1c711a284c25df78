//! Sets that are full, and what does not depend on threads.

use super::*;

fn many(count: u32) -> People {
    (0..count).map(|number| (number, Person { name: Some(format!("N{number}")), ..person(20) })).collect()
}

/// The files of a derivation, by their names in its folder.
fn content(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    for sub in ["told", "set"] {
        for entry in std::fs::read_dir(folder.join(sub)).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{sub}/{}", path.file_name().unwrap().to_str().unwrap());
            found.insert(name, std::fs::read(path).unwrap());
        }
    }
    found
}

#[test]
fn threads_do_not_show_and_a_second_attempt_leaves_nothing_of_the_first() {
    let mut world = World::new(many(300));
    world.parts = 8;
    world.evaluate();
    world.try_derive(How { threads: 1, ..USUAL }, 1).unwrap();
    let first = content(&world.folder(1));
    // Of each part messages, their profiles, and what is told; and two that say what all are.
    assert_eq!(first.len(), 3 * 8 + 2);
    for stray in ["set/acks", "told/0099.told"] {
        std::fs::write(world.folder(1).join(stray), b"stray").unwrap();
    }
    for threads in [2, 5] {
        world.try_derive(How { threads, ..USUAL }, 1).unwrap();
        assert_eq!(content(&world.folder(1)), first);
    }
}

#[test]
fn a_full_set_leaves_the_rest_to_the_next() {
    let mut world = World::new(many(120));
    world.parts = 2;
    world.evaluate();
    let small = How { set_bytes_max: 6_000, ..USUAL };
    let until_complete = |world: &mut World, how: How<'_>| {
        let (mut rounds, mut seen) = (0, Vec::new());
        loop {
            let derived = world.derive(how);
            rounds += 1;
            let set = derived.set.expect("there is always progress");
            assert!(set.messages < 60, "{}", set.messages);
            seen.extend(world.deliver(&set).iter().map(number_of));
            if derived.complete {
                seen.sort_unstable();
                return (rounds, seen);
            }
        }
    };
    let (rounds, seen) = until_complete(&mut world, small);
    assert!(rounds > 2);
    assert!(seen.iter().copied().eq(0..120), "each once");
    world.check(small);
    // Some leave, some vanish, some change; who vanished is known to no later snapshot.
    world.people.retain(|number, _| number % 3 != 0);
    world.people.iter_mut().filter(|(number, _)| *number % 3 == 1).for_each(|(_, person)| person.points = 7);
    world.people.values_mut().for_each(|person| person.name = Some("X".into()));
    world.evaluate();
    let (_, seen) = until_complete(&mut world, small);
    assert!(seen.iter().copied().eq(0..120), "each once");
    world.check(small);
    for number in (0..120).step_by(3) {
        let (_, known) = &world.far_end.profiles[&id(number)];
        assert_eq!(known["person"]["name"], format!("N{number}"), "an exit has what was last known");
    }
    // Sent anew on demand, too.
    let everybody = world.derive(How { resend: Resend::All, ..small });
    assert!(!everybody.complete);
    let mut seen: Vec<u32> = world.deliver(&everybody.set.unwrap()).iter().map(number_of).collect();
    seen.extend(until_complete(&mut world, small).1);
    seen.sort_unstable();
    assert!(seen.into_iter().eq((0..120).filter(|number| number % 3 == 2)), "each once");
    assert_eq!(world.tell(small), []);
}

#[test]
fn who_is_asked_for_is_told_though_the_set_is_full_and_entering_is_not_told() {
    let mut world = World::new(many(120));
    world.parts = 2;
    world.evaluate();
    let triggers = Triggers { segmentation: false, ..Triggers::default() };
    let small = How { set_bytes_max: 6_000, triggers, ..USUAL };
    let (mut seen, mut resend) = (Vec::new(), Resend::All);
    loop {
        let derived = world.derive(How { resend, ..small });
        seen.extend(world.deliver(&derived.set.expect("there is always progress")).iter().map(number_of));
        resend = Resend::None;
        if derived.complete {
            break;
        }
    }
    seen.sort_unstable();
    assert!(seen.into_iter().eq(0..120), "each once");
    world.check(small);
    assert_eq!(world.tell(small), []);
}

#[test]
fn even_a_set_of_no_size_has_a_message() {
    let mut world = World::new(many(3));
    world.evaluate();
    let how = How { set_bytes_max: 0, threads: 1, ..USUAL };
    for _ in 0..3 {
        assert_eq!(world.tell(how).len(), 1);
    }
    assert_eq!(world.tell(how), []);
    world.check(how);
}
