//! Random histories: whatever happens, and whatever of it arrives, the far end ends with exactly the members.

use outflow_testkit::random::Random;

use super::*;

const NAMES: [&str; 3] = ["Ada", "Bo", "a\"b"];

fn change(random: &mut Random, world: &mut World, at: i64) {
    for _ in 0..random.below(12) {
        let number = random.below(30) as u32;
        match random.below(6) {
            0 => drop(world.people.remove(&number)),
            1 => {
                let name = NAMES.get(random.below(4) as usize).map(ToString::to_string);
                world.people.entry(number).or_insert_with(|| person(20)).name = name;
            }
            2 => {
                let mail = (random.below(2) == 0).then(|| format!("m{}@x", random.below(5)));
                world.people.entry(number).or_insert_with(|| person(2)).mail = mail;
            }
            3 => {
                let person = world.people.entry(number).or_insert_with(|| person(7));
                person.vip = !person.vip;
            }
            4 => world.people.entry(number).or_insert_with(|| person(7)).at = at,
            _ => {
                let points = random.below(16) as i64;
                world.people.entry(number).or_insert_with(|| person(7)).points = points;
            }
        }
    }
}

/// Another mapping now and then.
fn mapped(random: &mut Random) -> How<'static> {
    let mapping: &[&str] = match random.below(4) {
        0 => &["person.vip", "person.name"],
        1 => &["person.name", "points", "person.vip"],
        _ => USUAL.mapping,
    };
    let segments: &[&str] = match random.below(4) {
        0 => &["vip", "big"],
        1 => &["small", "vip", "big"],
        _ => USUAL.segments,
    };
    let rewrites = random.below(4) == 0;
    How { mapping, segments, triggers: Triggers { rewrites, ..Triggers::default() }, ..USUAL }
}

/// The first `attempted` messages of the set are sent. Of them a part arrives, of that a part is acknowledged, some of it
/// arrives twice, and some are refused; with `all_settled` each is the one or the other.
fn send_some(random: &mut Random, world: &mut World, set: &OpenSet, attempted: u64, all_settled: bool) -> Acks {
    let mut acks = Acks::open(&set.folder).unwrap();
    acks.attempt(attempted).unwrap();
    for message in set.reader(0) {
        let (number, message) = message.unwrap();
        if number >= attempted {
            break;
        }
        let fate = if all_settled { 1 + random.below(3) } else { random.below(6) };
        if [0, 1, 2, 5].contains(&fate) {
            world.far_end.take(&message.key, &message.event_id, &message.body);
        }
        match fate {
            1 => acks.accept(number, message.body.len() as u64).unwrap(),
            2 => {
                world.far_end.take(&message.key, &message.event_id, &message.body);
                acks.accept(number, message.body.len() as u64).unwrap();
            }
            3 => acks.refuse(number),
            _ => {}
        }
    }
    acks.sync().unwrap();
    drop(acks);
    Acks::read(&set.folder).unwrap()
}

/// The far end gives up what it knows of segments that are not mapped: nobody tells it of them.
fn forget_unmapped(world: &mut World, how: How<'_>) {
    for (_, known) in world.far_end.profiles.values_mut() {
        let ups = known["segmentMembership"]["ups"].as_object_mut().unwrap();
        ups.retain(|segment, _| how.segments.contains(&segment.as_str()));
    }
}

fn history(random: &mut Random) {
    let mut world = World::new(People::new());
    let mut how = USUAL;
    for step in 0..9 {
        change(random, &mut world, step + 1);
        world.parts = [1, 1, 1, 2, 4][random.below(5) as usize];
        world.evaluate();
        if random.below(4) == 0 {
            continue;
        }
        if random.below(3) == 0 {
            how = mapped(random);
        }
        let set_bytes_max = if random.below(3) == 0 { 1_500 } else { 1 << 30 };
        let before = world.told.clone();
        let derived = world.derive(How { set_bytes_max, ..how });
        forget_unmapped(&mut world, how);
        let Some(set) = derived.set else { continue };
        match random.below(4) {
            0 | 1 => drop(world.deliver(&set)),
            2 => {
                let acks = send_some(random, &mut world, &set, set.messages, true);
                world.close(before, &set, &acks);
            }
            _ => {
                let attempted = random.below(set.messages + 1);
                let acks = send_some(random, &mut world, &set, attempted, false);
                world.fold(before, &set, &acks);
            }
        }
    }
    // All that is left is told, also what was refused; then there is nothing more to tell.
    if world.evaluations.is_empty() {
        world.evaluate();
    }
    let mut resend = Resend::All;
    loop {
        let derived = world.derive(How { resend, ..how });
        resend = Resend::None;
        forget_unmapped(&mut world, how);
        let Some(set) = derived.set else { break };
        assert!(derived.complete);
        world.deliver(&set);
    }
    world.check(how);
    world.evaluate();
    assert_eq!(world.tell(how), []);
    let members = world.people.values().filter(|person| how.segments.iter().any(|segment| person.is_in(segment)));
    assert_eq!(world.told.as_ref().unwrap().0.profiles, members.count() as u64);
}

#[test]
fn the_far_end_ends_with_exactly_the_members() {
    let mut random = Random::new("random histories of a streaming flow");
    (0..16).for_each(|_| history(&mut random));
}
