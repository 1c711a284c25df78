//! Sample profiles as Arrow columns, a batch at a time.

use std::fmt::Write;
use std::sync::Arc;

use arrow::array::{
    ArrayRef, BooleanBuilder, Date32Builder, Float64Builder, Int32Builder, ListArray, MapArray, RecordBatch,
    StringBuilder, StructArray, TimestampMillisecondBuilder,
};
use arrow::buffer::{BooleanBuffer, NullBuffer, OffsetBuffer, ScalarBuffer};
use arrow::datatypes::{Fields, SchemaRef};
use arrow::error::ArrowError;

use super::random::Stream;
use super::schema::{
    address_fields, entries_field, identity_element, identity_entries, identity_fields, loyalty_fields,
    membership_entries, membership_fields, name_fields, nested, person_fields, single,
};
use super::segments::{SEGMENT_COUNT, sample_segments, thresholds};
use super::words::{COUNTRIES, MAIL_DOMAINS, NASTY, Words};

/// 2022-01-01 and 2025-12-01 in Unix milliseconds: when things happened to sample profiles.
const EVENTS_FROM_MS: i64 = 1_640_995_200_000;
const EVENTS_END_MS: i64 = 1_764_547_200_000;

/// Apart from the stream of a profile, so that an address and its owner's name can be had without the profile.
const ADDRESS_SALT: u64 = 0x6164_6472_6573_7365;

/// What every batch needs.
pub(super) struct Maker {
    pub(super) schema: SchemaRef,
    words: Words,
    segment_ids: Vec<String>,
    thresholds: [u32; SEGMENT_COUNT],
    seed: u64,
    count: u64,
}

/// Columns being filled.
#[derive(Default)]
struct Columns {
    profile_id: StringBuilder,
    identity_offsets: Vec<i32>,
    identity_namespaces: StringBuilder,
    identity_list_offsets: Vec<i32>,
    identity_ids: StringBuilder,
    identity_primary: BooleanBuilder,
    first_name: StringBuilder,
    last_name: StringBuilder,
    birth_date: Date32Builder,
    gender: StringBuilder,
    email: StringBuilder,
    phone: StringBuilder,
    city: StringBuilder,
    country: StringBuilder,
    postal_code: StringBuilder,
    loyalty_valid: Vec<bool>,
    tier: StringBuilder,
    points: Int32Builder,
    consent: StringBuilder,
    lifetime_value: Float64Builder,
    last_purchase: TimestampMillisecondBuilder,
    membership_offsets: Vec<i32>,
    membership_ids: StringBuilder,
    membership_status: StringBuilder,
    membership_time: TimestampMillisecondBuilder,
}

impl Maker {
    pub(super) fn new(schema: SchemaRef, seed: u64, count: u64) -> Maker {
        let segment_ids = sample_segments().into_iter().map(|s| s.id).collect();
        Maker { schema, words: Words::new(), segment_ids, thresholds: thresholds(), seed, count }
    }

    /// The profiles numbered from `from` to below `end`.
    pub(super) fn batch(&self, from: u64, end: u64) -> Result<RecordBatch, ArrowError> {
        let mut columns = Columns {
            identity_offsets: vec![0],
            identity_list_offsets: vec![0],
            membership_offsets: vec![0],
            ..Columns::default()
        };
        let mut address = String::new();
        for index in from..end {
            let mut stream = Stream::of(self.seed, index);
            let _ = write!(columns.profile_id, "P{}", 100_000_000_000 + index);
            columns.profile_id.append_value("");
            let has_address = self.contact(index, &mut stream, &mut address, &mut columns);
            identities(index, has_address.then_some(address.as_str()), &mut stream, &mut columns);
            self.person(index, &mut stream, &mut columns);
            self.home(&mut stream, &mut columns);
            customer(&mut stream, &mut columns);
            self.memberships(&mut stream, &mut columns);
        }
        columns.finish(&self.schema)
    }

    /// E-mail and phone. 15 % have no e-mail address; 3 % have the address of another profile.
    fn contact(&self, index: u64, stream: &mut Stream, address: &mut String, columns: &mut Columns) -> bool {
        let has_address = !stream.percent(15);
        let owner = if stream.percent(3) { stream.below(self.count) } else { index };
        if has_address {
            self.write_address(owner, address);
            columns.email.append_value(&*address);
        } else {
            columns.email.append_null();
        }
        if stream.percent(25) {
            columns.phone.append_null();
        } else {
            // The country code 999 is not assigned: nobody is ever called.
            let _ = write!(columns.phone, "+999{}", 10_000_000 + stream.below(9_990_000_000));
            columns.phone.append_value("");
        }
        has_address
    }

    /// The indices of a profile's first and last name, and a domain for its address.
    fn names_of(&self, index: u64) -> (usize, usize, usize) {
        let mut stream = Stream::of(self.seed ^ ADDRESS_SALT, index);
        let first = stream.skewed(self.words.first_names.len());
        let last = stream.skewed(self.words.last_names.len());
        (first, last, stream.below(MAIL_DOMAINS.len() as u64) as usize)
    }

    fn write_address(&self, owner: u64, address: &mut String) {
        let (first, last, domain) = self.names_of(owner);
        address.clear();
        address.push_str(&self.words.mail_first[first]);
        address.push('.');
        address.push_str(&self.words.mail_last[last]);
        let _ = write!(address, "{owner}@");
        address.push_str(MAIL_DOMAINS[domain]);
    }

    fn person(&self, index: u64, stream: &mut Stream, columns: &mut Columns) {
        let (first, last, _) = self.names_of(index);
        self.text(&self.words.first_names[first], 3, stream, &mut columns.first_name);
        self.text(&self.words.last_names[last], 2, stream, &mut columns.last_name);
        if stream.percent(20) {
            columns.birth_date.append_null();
        } else {
            // Days since 1970-01-01: from 1937 to 2008.
            columns.birth_date.append_value(stream.between(-12_000, 14_000) as i32);
        }
        match stream.below(10) {
            0 => columns.gender.append_null(),
            1..=3 => columns.gender.append_value("female"),
            4..=6 => columns.gender.append_value("male"),
            _ => columns.gender.append_value("not_specified"),
        }
    }

    /// `usual`, or null in `null_percent` of the profiles, or a nasty string in 2 %; one in 500 of those is 5 KB long.
    fn text(&self, usual: &str, null_percent: u64, stream: &mut Stream, column: &mut StringBuilder) {
        let kind = stream.below(100);
        if kind < null_percent {
            column.append_null();
        } else if kind < null_percent + 2 {
            let long = stream.below(500) == 0;
            let nasty = NASTY[stream.below(NASTY.len() as u64) as usize];
            column.append_value(if long { &self.words.long } else { nasty });
        } else {
            column.append_value(usual);
        }
    }

    fn home(&self, stream: &mut Stream, columns: &mut Columns) {
        let mut share = stream.below(1000);
        let country = COUNTRIES.iter().find(|c| {
            let here = share < c.share_per_mille;
            share = share.saturating_sub(c.share_per_mille);
            here
        });
        let country = country.unwrap_or(&COUNTRIES[0]);
        let usual = if stream.percent(60) {
            country.cities[stream.below(country.cities.len() as u64) as usize]
        } else {
            &self.words.towns[stream.skewed(self.words.towns.len())]
        };
        self.text(usual, 5, stream, &mut columns.city);
        if stream.percent(2) {
            columns.country.append_null();
        } else {
            columns.country.append_value(country.code);
        }
        let _ = write!(columns.postal_code, "{:05}", stream.below(100_000));
        columns.postal_code.append_value("");
    }

    fn memberships(&self, stream: &mut Stream, columns: &mut Columns) {
        let mut entries = 0;
        for pair in 0..SEGMENT_COUNT / 2 {
            let bits = stream.bits();
            for (segment, half) in [(2 * pair, bits as u32), (2 * pair + 1, (bits >> 32) as u32)] {
                if half >= self.thresholds[segment] {
                    continue;
                }
                entries += 1;
                columns.membership_ids.append_value(&self.segment_ids[segment]);
                columns.membership_status.append_value(match stream.below(100) {
                    0..30 => "realized",
                    30..92 => "existing",
                    _ => "exited",
                });
                columns.membership_time.append_value(stream.between(EVENTS_FROM_MS, EVENTS_END_MS));
            }
        }
        push_length(&mut columns.membership_offsets, entries);
    }
}

/// One or two ECIDs, the e-mail address where there is one, and a CRM number in 70 %, which then is the primary one.
fn identities(index: u64, address: Option<&str>, stream: &mut Stream, columns: &mut Columns) {
    let ecids = if stream.percent(35) { 2 } else { 1 };
    let has_crm_id = stream.percent(70);
    columns.identity_namespaces.append_value("ECID");
    for n in 0..ecids {
        const NINETEEN_DIGITS: u64 = 1_000_000_000_000_000_000;
        let high = NINETEEN_DIGITS + stream.below(8 * NINETEEN_DIGITS);
        let low = NINETEEN_DIGITS + stream.below(8 * NINETEEN_DIGITS);
        let _ = write!(columns.identity_ids, "{high}{low}");
        columns.identity_ids.append_value("");
        columns.identity_primary.append_value(n == 0 && !has_crm_id);
    }
    push_length(&mut columns.identity_list_offsets, ecids);
    if let Some(address) = address {
        columns.identity_namespaces.append_value("Email");
        columns.identity_ids.append_value(address);
        columns.identity_primary.append_value(false);
        push_length(&mut columns.identity_list_offsets, 1);
    }
    if has_crm_id {
        columns.identity_namespaces.append_value("CRMID");
        let _ = write!(columns.identity_ids, "CRM-{}", 1_000_000_000 + index * 7);
        columns.identity_ids.append_value("");
        columns.identity_primary.append_value(true);
        push_length(&mut columns.identity_list_offsets, 1);
    }
    push_length(&mut columns.identity_offsets, 1 + i32::from(address.is_some()) + i32::from(has_crm_id));
}

/// Loyalty, consent, value and last purchase. 30 % are in no loyalty programme: the whole struct is null.
fn customer(stream: &mut Stream, columns: &mut Columns) {
    let member = !stream.percent(30);
    columns.loyalty_valid.push(member);
    if member {
        columns.tier.append_value(match stream.below(100) {
            0..50 => "bronze",
            50..80 => "silver",
            80..95 => "gold",
            _ => "platinum",
        });
        columns.points.append_value(stream.below(100_000) as i32);
    } else {
        columns.tier.append_null();
        columns.points.append_null();
    }
    match stream.below(100) {
        0..20 => columns.consent.append_null(),
        20..68 => columns.consent.append_value("y"),
        68..92 => columns.consent.append_value("n"),
        _ => columns.consent.append_value("u"),
    }
    if stream.percent(5) {
        columns.lifetime_value.append_null();
    } else {
        columns.lifetime_value.append_value(money_cents(stream) as f64 / 100.0);
    }
    if stream.percent(12) {
        columns.last_purchase.append_null();
    } else {
        columns.last_purchase.append_value(stream.between(EVENTS_FROM_MS, EVENTS_END_MS));
    }
}

/// An amount whose logarithm is nearly normal, as amounts of money are: half are under 148.00, one in ten over 1000.
/// The exponent is the number of ones in 16 random bits, because that needs no logarithm.
fn money_cents(stream: &mut Stream) -> u64 {
    let bits = stream.bits();
    let exponent = (bits & 0xFFFF).count_ones();
    let mantissa = 65_536 + ((bits >> 16) & 0xFFFF);
    ((10_500 * mantissa) << exponent) >> (16 + 8)
}

fn push_length(offsets: &mut Vec<i32>, length: i32) {
    let last = offsets.last().copied().unwrap_or(0);
    offsets.push(last + length);
}

fn offset_buffer(offsets: Vec<i32>) -> OffsetBuffer<i32> {
    OffsetBuffer::new(ScalarBuffer::from(offsets))
}

fn structs(fields: Fields, arrays: Vec<ArrayRef>, nulls: Option<NullBuffer>) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(StructArray::try_new(fields, arrays, nulls)?))
}

impl Columns {
    fn finish(mut self, schema: &SchemaRef) -> Result<RecordBatch, ArrowError> {
        let name =
            structs(name_fields(), vec![Arc::new(self.first_name.finish()), Arc::new(self.last_name.finish())], None)?;
        let person = structs(
            person_fields(),
            vec![name, Arc::new(self.birth_date.finish()), Arc::new(self.gender.finish())],
            None,
        )?;
        let home = structs(
            address_fields(),
            vec![Arc::new(self.city.finish()), Arc::new(self.country.finish()), Arc::new(self.postal_code.finish())],
            None,
        )?;
        let loyalty_nulls = NullBuffer::new(BooleanBuffer::from(std::mem::take(&mut self.loyalty_valid)));
        let loyalty = structs(
            loyalty_fields(),
            vec![Arc::new(self.tier.finish()), Arc::new(self.points.finish())],
            Some(loyalty_nulls),
        )?;
        let email_consent = structs(single("val"), vec![Arc::new(self.consent.finish())], None)?;
        let marketing = structs(nested("email", single("val")), vec![email_consent], None)?;
        let consents = structs(nested("marketing", nested("email", single("val"))), vec![marketing], None)?;
        RecordBatch::try_new(
            Arc::clone(schema),
            vec![
                Arc::new(self.profile_id.finish()),
                self.identity_map()?,
                person,
                structs(single("address"), vec![Arc::new(self.email.finish())], None)?,
                structs(single("number"), vec![Arc::new(self.phone.finish())], None)?,
                home,
                loyalty,
                consents,
                Arc::new(self.lifetime_value.finish()),
                Arc::new(self.last_purchase.finish().with_timezone("UTC")),
                self.segment_membership()?,
            ],
        )
    }

    fn identity_map(&mut self) -> Result<ArrayRef, ArrowError> {
        let identity = structs(
            identity_fields(),
            vec![Arc::new(self.identity_ids.finish()), Arc::new(self.identity_primary.finish())],
            None,
        )?;
        let list_offsets = offset_buffer(std::mem::take(&mut self.identity_list_offsets));
        let lists = ListArray::try_new(Arc::new(identity_element()), list_offsets, identity, None)?;
        let entries = StructArray::try_new(
            identity_entries(),
            vec![Arc::new(self.identity_namespaces.finish()), Arc::new(lists)],
            None,
        )?;
        let offsets = offset_buffer(std::mem::take(&mut self.identity_offsets));
        Ok(Arc::new(MapArray::try_new(Arc::new(entries_field(identity_entries())), offsets, entries, None, false)?))
    }

    fn segment_membership(&mut self) -> Result<ArrayRef, ArrowError> {
        let membership = structs(
            membership_fields(),
            vec![
                Arc::new(self.membership_status.finish()),
                Arc::new(self.membership_time.finish().with_timezone("UTC")),
            ],
            None,
        )?;
        let entries =
            StructArray::try_new(membership_entries(), vec![Arc::new(self.membership_ids.finish()), membership], None)?;
        let offsets = offset_buffer(std::mem::take(&mut self.membership_offsets));
        Ok(Arc::new(MapArray::try_new(Arc::new(entries_field(membership_entries())), offsets, entries, None, false)?))
    }
}
