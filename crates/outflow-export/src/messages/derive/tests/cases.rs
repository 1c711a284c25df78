//! What is told of profiles, case by case.

use outflow_model::FaultClass;
use outflow_profiles::membership::{Exclusion, permit};
use outflow_profiles::snapshot::{IdentityKeys, identity_key};

use super::*;

#[test]
fn who_enters_changes_and_leaves_is_told_of() {
    let mut world = World::new(people(&[(1, 20), (2, 30), (3, 1), (4, 7)]));
    world.evaluate();
    let first = world.derive(USUAL);
    let set = first.set.unwrap();
    assert_eq!((set.sequence, set.run_id.as_str(), set.messages, first.complete), (1, "run", 3, true));
    assert_eq!(set.counts, SetCounts { entered: 3, ..SetCounts::default() });
    assert_eq!((first.told.profiles, first.told.sequence), (3, 1));
    let bodies = world.deliver(&set);
    let one = bodies.iter().find(|body| number_of(body) == 1).unwrap();
    let event_id = one["eventId"].clone();
    assert_eq!(
        *one,
        json!({"points": 20, "identityMap": {"CRMID": [{"id": "c1"}]},
            "segmentMembership": {"ups": {"big":
                {"lastQualificationTime": "2024-10-04T00:01:00Z", "status": "realized"}}},
            "profileId": "CRMID:c1", "eventId": event_id, "sequence": 1, "runId": "run"})
    );
    world.check(USUAL);

    // Nothing changed: nothing is sent, neither over the same evaluation nor over another.
    assert_eq!(world.tell(USUAL), []);
    world.evaluate();
    assert_eq!(world.tell(USUAL), []);

    // 1 changes, 2 leaves one and enters the other, 3 leaves, 4 enters, 5 is new.
    world.people = people(&[(1, 21), (2, 2), (3, 7), (4, 11), (5, 0)]);
    world.evaluate();
    let second = world.derive(USUAL);
    let set = second.set.unwrap();
    assert_eq!(set.counts, SetCounts { entered: 3, left: 2, attributes: 3, ..SetCounts::default() });
    let bodies = world.deliver(&set);
    let mut seen: Vec<(u32, String)> = bodies.iter().map(|body| (number_of(body), statuses(body))).collect();
    seen.sort();
    let expected = [
        (1, "big=realized@1"),
        (2, "big=exited@3 small=realized@3"),
        (3, "small=exited@3"),
        (4, "big=realized@3"),
        (5, "small=realized@3"),
    ];
    assert_eq!(seen, told(&expected));
    world.check(USUAL);
    assert_eq!(second.told.profiles, 4);
}

#[test]
fn who_vanishes_is_told_of_with_what_was_last_known() {
    let mut all = people(&[(1, 20), (2, 30), (3, 7)]);
    all.get_mut(&1).unwrap().name = Some("Ada".into());
    all.get_mut(&1).unwrap().mail = Some("ada@x".into());
    let mut world = World::new(all);
    world.evaluate();
    world.tell(USUAL);
    world.people = people(&[(2, 30)]);
    world.evaluate();
    let set = world.derive(USUAL).set.unwrap();
    let body = &world.deliver(&set)[0];
    assert_eq!((set.messages, statuses(body)), (1, "big=exited@2".to_string()));
    assert_eq!(body["person"], json!({"name": "Ada"}));
    assert_eq!(body["points"], 20);
    assert_eq!(body["identityMap"], json!({"CRMID": [{"id": "c1"}], "Email": [{"id": "ada@x"}]}));
    // It comes back.
    world.people = people(&[(1, 40), (2, 30)]);
    world.evaluate();
    assert_eq!(world.tell(USUAL), told(&[(1, "big=realized@3")]));
    world.check(USUAL);
    // Without the snapshot that it was in, its id is an identity.
    world.people = people(&[(2, 30)]);
    world.evaluate();
    let over = world.evaluations.len() - 1;
    world.told.as_mut().unwrap().1 = over;
    let set = world.derive(USUAL).set.unwrap();
    let body = &world.deliver(&set)[0];
    assert_eq!((statuses(body), &body["identityMap"]), ("big=exited@4".into(), &json!({"CRMID": [{"id": "c1"}]})));
    assert!(body.get("points").is_none());
    assert_eq!(world.tell(USUAL), []);
}

#[test]
fn of_who_is_withheld_nothing_but_identities_is_told() {
    let mut world = World::new(people(&[(1, 20), (2, 30), (3, 40), (4, 50), (5, 60)]));
    world.people.get_mut(&2).unwrap().mail = Some("two@x".into());
    world.people.get_mut(&4).unwrap().mail = Some("four@x".into());
    world.evaluate();
    world.tell(USUAL);
    // 1 agrees no more, 2 and 4 are on the list, 4 and 5 vanish.
    world.people.get_mut(&1).unwrap().vip = true;
    world.people.remove(&4);
    world.people.remove(&5);
    world.evaluate();
    let evaluation = world.evaluations.last().unwrap();
    let listed = ["two@x", "four@x"].map(|mail| identity_key("Email", mail)).to_vec();
    let agreed = bind(&parse_pql("person.vip = true").unwrap(), &evaluation.snapshot.schema, minute(2)).unwrap();
    let rules = [ExclusionRule::Identities(Arc::new(IdentityKeys::new(listed))), ExclusionRule::Where(agreed)];
    let exclusion = |rule: &ExclusionRule| Exclusion {
        reason: outflow_model::balance::ExclusionReason::NoConsent,
        policy: None,
        segments: vec!["big".into()],
        rule: rule.clone(),
    };
    let exclusions: Vec<Exclusion> = rules.iter().map(exclusion).collect();
    let segments: Vec<String> = USUAL.segments.iter().map(ToString::to_string).collect();
    let permitted = permit(evaluation, &segments, &exclusions, None, &work(world.dir.path())).unwrap();
    let derived = world.derive_from(&permitted, &rules, USUAL, 2).unwrap();
    let bodies = world.deliver(&derived.set.unwrap());
    let mut seen: Vec<(u32, String, bool)> =
        bodies.iter().map(|body| (number_of(body), statuses(body), body.get("points").is_some())).collect();
    seen.sort();
    let left = |number: u32| (number, "big=exited@2".to_string(), number == 5);
    assert_eq!(seen, [1, 2, 4, 5].map(left));
    let two = bodies.iter().find(|body| number_of(body) == 2).unwrap();
    let known = json!({"CRMID": [{"id": "c2"}], "Email": [{"id": "two@x"}]});
    assert_eq!((&two["identityMap"], two.get("person")), (&known, None));
}

#[test]
fn who_left_and_came_back_in_between_is_told_of() {
    let mut world = World::new(people(&[(1, 20), (2, 20), (3, 20)]));
    world.evaluate();
    world.tell(USUAL);
    // 1 leaves and comes back, 2 leaves and is told to have left when it did, 4 comes and goes.
    world.people = people(&[(1, 7), (2, 7), (3, 20), (4, 20)]);
    world.evaluate();
    world.people = people(&[(1, 20), (2, 7), (3, 20), (4, 7)]);
    world.evaluate();
    assert_eq!(world.tell(USUAL), told(&[(1, "big=realized@3"), (2, "big=exited@2")]));
    world.check(USUAL);
}

#[test]
fn only_changes_that_are_looked_for_are_told() {
    let mut world = World::new(people(&[(1, 20), (2, 20), (3, 20), (4, 20)]));
    world.evaluate();
    world.tell(USUAL);
    let triggers = Triggers { segmentation: false, attributes: false, identities: false, rewrites: false };
    let none = How { triggers, ..USUAL };
    world.people.get_mut(&1).unwrap().name = Some("Ada".into());
    world.people.get_mut(&2).unwrap().mail = Some("b@x".into());
    world.people.get_mut(&3).unwrap().points = 2;
    world.people.get_mut(&4).unwrap().at = 3;
    world.people.insert(5, person(30));
    world.evaluate();
    assert_eq!(world.tell(none), []);
    // What was not told is not lost: the state keeps what was told.
    let only = |triggers| How { triggers, ..USUAL };
    assert_eq!(
        world.try_derive(only(Triggers { rewrites: true, ..triggers }), 99).unwrap().set.map(|set| set.counts),
        None
    );
    let attributes = world.try_derive(only(Triggers { attributes: true, ..triggers }), 99).unwrap().set.unwrap();
    assert_eq!(attributes.counts, SetCounts { attributes: 2, ..SetCounts::default() });
    let identities = world.try_derive(only(Triggers { identities: true, ..triggers }), 99).unwrap().set.unwrap();
    assert_eq!(identities.counts, SetCounts { identities: 1, ..SetCounts::default() });
    let expected =
        [(1, "big=realized@1"), (2, "big=realized@1"), (3, "big=exited@2 small=realized@2"), (5, "big=realized@2")];
    assert_eq!(world.tell(USUAL), told(&expected));
    world.check(USUAL);
}

#[test]
fn without_segmentation_a_change_after_entering_is_told_and_who_vanishes_is_forgotten() {
    let how = How { triggers: Triggers { segmentation: false, ..Triggers::default() }, ..USUAL };
    let mut world = World::new(people(&[(1, 20), (2, 20), (3, 20)]));
    world.evaluate();
    assert_eq!(world.tell(how), []);
    assert_eq!(world.told.as_ref().unwrap().0.profiles, 3);
    world.people = people(&[(1, 21), (2, 20), (3, 7)]);
    world.evaluate();
    assert_eq!(world.tell(how), told(&[(1, "big=realized@1")]));
    // 3 was never told of and is no member.
    assert_eq!(world.told.as_ref().unwrap().0.profiles, 2);
    // 1 leaves and changes: the message says so. 2 vanishes.
    world.people = people(&[(1, 7)]);
    world.evaluate();
    assert_eq!(world.tell(how), told(&[(1, "big=exited@3")]));
    assert_eq!(world.told.as_ref().unwrap().0.profiles, 0);
}

#[test]
fn rewrites_are_told_if_they_are_asked_for() {
    let how = How { triggers: Triggers { rewrites: true, ..Triggers::default() }, ..USUAL };
    let mut world = World::new(people(&[(1, 20), (2, 20), (3, 20)]));
    world.evaluate();
    world.tell(how);
    world.people.get_mut(&1).unwrap().at = 5;
    world.people.get_mut(&2).unwrap().at = -5;
    world.people.insert(3, Person { at: 6, points: 21, ..person(0) });
    world.evaluate();
    let set = world.derive(how).set.unwrap();
    assert_eq!(set.counts, SetCounts { rewrites: 1, attributes: 1, ..SetCounts::default() });
    let mut seen: Vec<u32> = world.deliver(&set).iter().map(number_of).collect();
    seen.sort_unstable();
    assert_eq!(seen, [1, 3]);
    assert_eq!(world.tell(how), []);
}

#[test]
fn another_mapping_is_told_to_everybody_it_concerns() {
    let mut world = World::new(people(&[(1, 20), (2, 2), (3, 7)]));
    world.people.get_mut(&1).unwrap().name = Some("Ada".into());
    world.evaluate();
    world.tell(USUAL);
    // A field more: everybody who has it.
    let more = How { mapping: &["points", "person.name", "person.vip"], ..USUAL };
    assert_eq!(world.tell(more), told(&[(1, "big=realized@1"), (2, "small=realized@1")]));
    world.check(more);
    // A field less, that 2 has no value of.
    let less = How { mapping: &["points", "person.vip"], ..USUAL };
    assert_eq!(world.tell(less), told(&[(1, "big=realized@1")]));
    world.check(less);
}

#[test]
fn a_new_segment_is_told_to_its_members_and_a_removed_one_to_nobody() {
    let mut world = World::new(people(&[(1, 20), (2, 2), (3, 7)]));
    world.people.values_mut().for_each(|person| person.vip = person.points > 2);
    world.evaluate();
    assert_eq!(world.tell(USUAL), told(&[(1, "big=realized@1"), (2, "small=realized@1")]));
    // The order of segments is another, too.
    let more = How { segments: &["vip", "small", "big"], ..USUAL };
    assert_eq!(world.tell(more), told(&[(1, "vip=realized@1 big=realized@1"), (3, "vip=realized@1")]));
    world.check(more);
    let less = How { segments: &["small", "vip"], ..USUAL };
    assert_eq!(world.tell(less), []);
    // Who is in no mapped segment any more is not told of.
    let least = How { segments: &["small"], ..USUAL };
    assert_eq!(world.tell(least), []);
    assert_eq!(world.told.as_ref().unwrap().0.profiles, 1);
    world.check(least);
    let none = How { segments: &[], ..USUAL };
    assert_eq!(world.tell(none), []);
    assert_eq!(world.told.as_ref().unwrap().0.profiles, 0);
    assert_eq!(world.tell(USUAL), told(&[(1, "big=realized@1"), (2, "small=realized@1")]));
}

#[test]
fn profiles_are_sent_anew_on_demand() {
    let mut world = World::new(people(&[(1, 20), (2, 2), (3, 7), (4, 20), (5, 20)]));
    world.evaluate();
    world.tell(USUAL);
    let set = world.derive(How { resend: Resend::All, ..USUAL }).set.unwrap();
    assert_eq!((set.messages, set.counts), (4, SetCounts { resent: 4, ..SetCounts::default() }));
    world.deliver(&set);
    world.check(USUAL);
    // Members again; who left gets the exit, once; who is nothing, nothing.
    world.people = people(&[(1, 20), (2, 2), (3, 7), (4, 7)]);
    world.evaluate();
    let some = keys(&[1, 3, 4, 5, 77]);
    let resend = Resend::Profiles(&some);
    let triggers = Triggers { segmentation: false, attributes: false, identities: false, rewrites: false };
    let expected = told(&[(1, "big=realized@1"), (4, "big=exited@2"), (5, "big=exited@2")]);
    assert_eq!(world.tell(How { resend, triggers, ..USUAL }), expected);
    assert_eq!(world.tell(How { resend, ..USUAL }), told(&[(1, "big=realized@1")]));
    world.check(USUAL);
}

#[test]
fn an_exit_that_was_refused_is_told_when_it_is_asked_for() {
    let mut all = people(&[(1, 20), (2, 20), (3, 20), (4, 20), (5, 20)]);
    all.values_mut().for_each(|person| person.name = Some("Ada".into()));
    all.get_mut(&3).unwrap().vip = true;
    let how = How { segments: &["big", "small", "vip"], ..USUAL };
    let mut world = World::new(all);
    world.evaluate();
    // That an entry was refused changes nothing of what was told.
    assert!(!world.refuse(how, &[5]));
    assert_eq!(world.tell(how), []);
    // 1 vanishes, 2 leaves, 3 leaves one of two, and the far end takes none of that; 4 vanishes, and it takes it.
    world.people.remove(&1);
    world.people.remove(&4);
    world.people.get_mut(&2).unwrap().points = 7;
    world.people.get_mut(&3).unwrap().points = 7;
    world.evaluate();
    assert!(world.refuse(how, &[1, 2, 3]));
    // By itself nothing is sent again, whatever happens to who is nowhere.
    assert_eq!(world.tell(how), []);
    world.people.get_mut(&2).unwrap().name = None;
    world.evaluate();
    assert_eq!(world.tell(how), []);
    world.evaluate();
    let without = Triggers { segmentation: false, ..Triggers::default() };
    assert_eq!(world.tell(How { triggers: without, ..how }), []);
    // It is refused again.
    let some = keys(&[1, 2, 4]);
    assert!(world.refuse(How { resend: Resend::Profiles(&some), ..how }, &[1, 2]));
    assert_eq!(world.tell(how), []);
    // And told, with what was last known, and once.
    let set = world.derive(How { resend: Resend::Profiles(&some), ..how }).set.unwrap();
    assert_eq!(set.counts, SetCounts { resent: 2, ..SetCounts::default() });
    let mut bodies = world.deliver(&set);
    bodies.sort_by_key(number_of);
    assert_eq!(
        bodies.iter().map(|body| (number_of(body), statuses(body))).collect::<Vec<_>>(),
        told(&[(1, "big=exited@4"), (2, "big=exited@2")])
    );
    assert_eq!((&bodies[0]["person"], &bodies[1]["points"]), (&json!({"name": "Ada"}), &json!(7)));
    assert_eq!(world.tell(How { resend: Resend::Profiles(&some), ..how }), []);
    // With the next change of its own, 3 is told to have left.
    world.people.get_mut(&3).unwrap().name = Some("Bo".into());
    world.evaluate();
    assert_eq!(world.tell(how), told(&[(3, "big=exited@2 vip=realized@1")]));
    assert_eq!(world.tell(How { resend: Resend::Profiles(&keys(&[5])), ..how }), told(&[(5, "big=realized@1")]));
    world.check(how);
}

#[test]
fn what_is_not_mapped_any_more_leaves_with_no_exit() {
    let named = Person { name: Some("Ada".into()), ..person(20) };
    let exit = |how: How<'_>, forget: bool| {
        let mut world = World::new([(1, named.clone()), (2, person(20))].into());
        world.evaluate();
        world.tell(USUAL);
        // 1 vanishes, and the far end does not take that: its values are kept, and nowhere else.
        world.people.remove(&1);
        world.evaluate();
        assert!(world.refuse(USUAL, &[1]));
        if forget {
            // As an earlier release wrote it.
            world.told.as_mut().unwrap().0.mapping = None;
        }
        let asked = keys(&[1]);
        // It is kept by another mapping, too, and by the first once more.
        world.tell(how);
        let set = world.derive(How { resend: Resend::Profiles(&asked), ..USUAL }).set.unwrap();
        let bodies = world.deliver(&set);
        let body = bodies.iter().find(|body| number_of(body) == 1).unwrap();
        assert_eq!(statuses(body), "big=exited@2");
        (body["points"].clone(), body["person"]["name"].clone())
    };
    let whole = (json!(20), json!("Ada"));
    assert_eq!(exit(USUAL, false), whole);
    assert_eq!(
        exit(How { mapping: &["person.vip", "person.name", "points"], ..USUAL }, false),
        (json!(null), json!(null))
    );
    assert_eq!(exit(How { mapping: &["points"], ..USUAL }, false), (json!(null), json!(null)));
    assert_eq!(exit(USUAL, true), (json!(null), json!(null)));
}

#[test]
fn who_comes_back_after_an_exit_that_was_refused_has_entered() {
    let mut world = World::new(people(&[(1, 20), (2, 20)]));
    world.evaluate();
    world.tell(USUAL);
    world.people = people(&[(2, 7)]);
    world.evaluate();
    assert!(world.refuse(USUAL, &[1, 2]));
    world.people = people(&[(1, 20), (2, 20)]);
    world.evaluate();
    assert_eq!(world.tell(USUAL), told(&[(1, "big=realized@3"), (2, "big=realized@3")]));
    world.people = people(&[]);
    world.evaluate();
    assert_eq!(world.tell(USUAL), told(&[(1, "big=exited@4"), (2, "big=exited@4")]));
    assert_eq!(world.told.as_ref().unwrap().0.profiles, 0);
}

#[test]
fn a_derivation_has_a_number_above_the_one_before_and_segments_of_its_evaluation() {
    let mut world = World::new(people(&[(1, 20)]));
    world.evaluate();
    world.tell(USUAL);
    assert_eq!(world.try_derive(USUAL, 1).unwrap_err().class, FaultClass::Internal);
    let strange = How { segments: &["none"], ..USUAL };
    assert_eq!(world.try_derive(strange, 2).unwrap_err().class, FaultClass::Internal);
}

#[test]
fn a_damaged_state_is_named() {
    let mut world = World::new(people(&[(1, 20), (2, 20)]));
    world.evaluate();
    world.tell(USUAL);
    let file = world.told.as_ref().unwrap().0.folder.join("0000.told");
    let bytes = std::fs::read(&file).unwrap();
    for bytes in [&bytes[..bytes.len() / 2], &[], &[9; 300]] {
        std::fs::write(&file, bytes).unwrap();
        let fault = world.try_derive(USUAL, 2).unwrap_err();
        assert_eq!(fault.class, FaultClass::Input);
        assert!(fault.message.contains("0000.told"), "{}", fault.message);
        // Nothing looks whole.
        assert!(!world.folder(2).join("told/told.json").exists());
    }
}
