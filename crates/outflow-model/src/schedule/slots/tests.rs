//! Slots against a reader of calendars that walks day by day.

use proptest::prelude::*;

use super::*;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn schedule(frequency: Frequency, start: &str, end: Option<&str>, time: &str) -> Schedule {
    Schedule {
        frequency,
        trigger_type: TriggerType::Scheduled,
        start_date: day(start),
        end_date: end.map(day),
        start_time: Some(format!("{time}:00").parse().unwrap()),
    }
}

/// Every slot up to and including `until`, found by looking at each day, and for hours at each minute of it.
fn walked(schedule: &Schedule, until: DateTime<Utc>) -> Vec<DateTime<Utc>> {
    let time = schedule.start_time.unwrap();
    let mut found = Vec::new();
    let mut today = schedule.start_date;
    while today <= until.date_naive() && (schedule.frequency == Frequency::Once || Some(today) != schedule.end_date) {
        let tomorrow = today.succ_opt().unwrap();
        let is_last_of_month = tomorrow.day() == 1;
        let hours = match schedule.frequency {
            Frequency::Every3Hours => 3,
            Frequency::Every6Hours => 6,
            Frequency::Every8Hours => 8,
            Frequency::Every12Hours => 12,
            _ => 24,
        };
        let is_day = match schedule.frequency {
            Frequency::Once => today == schedule.start_date,
            Frequency::Weekly => today.weekday() == schedule.start_date.weekday(),
            Frequency::Monthly => {
                today.day() == schedule.start_date.day()
                    || (is_last_of_month && today.day() < schedule.start_date.day())
            }
            _ => true,
        };
        let begin = schedule.start_date.and_time(time).and_utc();
        for hour in 0..24 {
            let slot = today.and_hms_opt(hour, chrono::Timelike::minute(&time), 0).unwrap().and_utc();
            let on_the_hour = (hour + 24 - chrono::Timelike::hour(&time)).is_multiple_of(hours);
            if is_day && on_the_hour && slot >= begin && slot <= until {
                found.push(slot);
            }
        }
        today = tomorrow;
    }
    found
}

#[test]
fn a_year_day_by_day_agrees_with_the_calendar() {
    for (_, frequency) in Frequency::ALL {
        for (start, end) in [
            ("2027-12-31", None),
            ("2028-01-31", Some("2028-12-31")),
            ("2028-02-29", None),
            ("2028-01-30", Some("2028-02-29")),
            ("2028-01-04", Some("2028-01-11")),
        ] {
            for time in ["00:00", "06:30", "23:59"] {
                let schedule = schedule(frequency, start, end, time);
                let (start, end) = (at("2027-12-01T00:00:00Z"), at("2029-01-31T23:59:59Z"));
                let mut handled = start;
                let mut seen = Vec::new();
                // Looked at every 50 minutes, as a scheduler that wakes up every now and then.
                let looks = (0..).map(|n| start + TimeDelta::minutes(50) * n).take_while(|look| *look < end);
                for look in looks.chain([end]) {
                    if let Some(due) = schedule.due(handled, look) {
                        assert_eq!(due.missed, 0);
                        seen.push(due.slot);
                        handled = due.slot;
                    }
                }
                let is_calendar = seen == walked(&schedule, end);
                assert!(is_calendar, "{} slots of {schedule:?}", seen.len());
            }
        }
    }
}

#[test]
fn the_end_date_is_exclusive() {
    let week = schedule(Frequency::Daily, "2026-01-04", Some("2026-01-11"), "10:00");
    let slots: Vec<_> = week.slots(at("2026-01-01T00:00:00Z"), at("2027-01-01T00:00:00Z")).collect();
    assert_eq!(slots.len(), 7);
    assert_eq!(slots.last(), Some(&at("2026-01-10T10:00:00Z")));
    assert_eq!(week.next(at("2026-01-10T10:00:00Z")), None);
    let hours = schedule(Frequency::Every8Hours, "2026-01-04", Some("2026-01-05"), "20:00");
    assert_eq!(hours.upcoming(at("2026-01-01T00:00:00Z"), 5), [at("2026-01-04T20:00:00Z")]);
}

#[test]
fn short_months_run_on_their_last_day_and_do_not_shorten_the_next() {
    let monthly = schedule(Frequency::Monthly, "2027-12-31", None, "08:15");
    let days: Vec<String> =
        monthly.upcoming(at("2027-12-31T08:15:00Z"), 5).iter().map(|slot| slot.date_naive().to_string()).collect();
    assert_eq!(days, ["2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30", "2028-05-31"]);
}

#[test]
fn a_start_time_that_is_past_begins_with_the_next_slot() {
    let daily = schedule(Frequency::Daily, "2026-11-25", None, "06:00");
    let activated = at("2026-11-25T18:00:00Z");
    assert_eq!(daily.due(activated, at("2026-11-25T23:00:00Z")), None);
    assert_eq!(daily.next(activated), Some(at("2026-11-26T06:00:00Z")));
    let once = schedule(Frequency::Once, "2026-11-25", None, "06:00");
    assert_eq!(once.next(activated), None);
}

#[test]
fn missed_slots_become_one() {
    let hours = schedule(Frequency::Every3Hours, "2026-01-01", None, "00:00");
    let due = hours.due(at("2026-01-01T00:00:00Z"), at("2036-01-01T01:00:00Z")).unwrap();
    assert_eq!(due, Due { slot: at("2036-01-01T00:00:00Z"), missed: 3_652 * 8 - 1 });
    assert_eq!(hours.due(due.slot, at("2036-01-01T02:59:59Z")), None);
    let daily = schedule(Frequency::Daily, "2026-01-01", Some("2026-01-04"), "12:00");
    let due = daily.due(at("2026-01-01T12:00:00Z"), at("2030-01-01T00:00:00Z")).unwrap();
    assert_eq!(due, Due { slot: at("2026-01-03T12:00:00Z"), missed: 1 });
}

#[test]
fn the_ends_of_time_do_not_overflow() {
    for (_, frequency) in Frequency::ALL {
        let schedule = schedule(frequency, "9999-12-31", None, "23:59");
        let (first, last) = (DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC);
        assert_eq!(schedule.next(first), Some(at("9999-12-31T23:59:00Z")));
        assert_eq!(schedule.next(last), None);
        assert!(schedule.due(first, last).is_some());
        assert_eq!(schedule.due(last, first), None);
    }
}

fn frequencies() -> impl Strategy<Value = Frequency> {
    prop::sample::select(Frequency::ALL.map(|(_, frequency)| frequency).to_vec())
}

prop_compose! {
    fn schedules()(
        frequency in frequencies(),
        start in 0_i64..1_500,
        length in prop::option::of(1_i64..800),
        minutes in 0_i64..1_440,
    ) -> Schedule {
        let start_date = day("2026-01-01") + TimeDelta::days(start);
        Schedule {
            frequency,
            trigger_type: TriggerType::Scheduled,
            start_date,
            end_date: length.map(|days| start_date + TimeDelta::days(days)),
            start_time: Some(NaiveTime::MIN + TimeDelta::minutes(minutes)),
        }
    }
}

prop_compose! {
    fn instants()(millis in 0_i64..2_400 * 86_400_000) -> DateTime<Utc> {
        at("2026-01-01T00:00:00Z") + TimeDelta::milliseconds(millis)
    }
}

proptest! {
    #[test]
    fn any_schedule_agrees_with_the_calendar(schedule in schedules(), a in instants(), b in instants()) {
        let (after, until) = (a.min(b), a.max(b));
        let all = walked(&schedule, at("2036-01-01T00:00:00Z"));
        let between: Vec<_> = all.iter().copied().filter(|slot| *slot > after && *slot <= until).collect();
        prop_assert_eq!(schedule.slots(after, until).collect::<Vec<_>>(), between.clone());
        prop_assert_eq!(schedule.next(after), all.iter().copied().find(|slot| *slot > after));
        let due = between.last().map(|slot| Due { slot: *slot, missed: between.len() as u64 - 1 });
        prop_assert_eq!(schedule.due(after, until), due);
        prop_assert_eq!(schedule.due(until, after), None);
        let five: Vec<_> = all.iter().copied().filter(|slot| *slot > after).take(5).collect();
        prop_assert_eq!(schedule.upcoming(after, 5), five);
    }

    #[test]
    fn however_often_one_looks_every_slot_is_counted_once(schedule in schedules(), mut looks in prop::collection::vec(instants(), 1..20)) {
        looks.sort();
        let start = at("2025-12-31T00:00:00Z");
        let (mut handled, mut counted) = (start, 0);
        for look in &looks {
            if let Some(due) = schedule.due(handled, *look) {
                prop_assert!(due.slot > handled && due.slot <= *look);
                counted += due.missed + 1;
                handled = due.slot;
            }
        }
        prop_assert_eq!(counted, schedule.slots(start, looks[looks.len() - 1]).count() as u64);
    }
}
