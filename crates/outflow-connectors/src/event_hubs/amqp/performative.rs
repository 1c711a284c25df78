//! The performatives: what a frame says.

use super::decode::{Fields, Malformed, Reader, Value, symbols};
use super::encode::List;
use super::frame::{AMQP, FRAME_BYTES_MAX, SASL, control};

pub(in super::super) const OPEN: u8 = 0x10;
pub(in super::super) const BEGIN: u8 = 0x11;
pub(in super::super) const ATTACH: u8 = 0x12;
pub(in super::super) const FLOW: u8 = 0x13;
pub(in super::super) const TRANSFER: u8 = 0x14;
pub(in super::super) const DISPOSITION: u8 = 0x15;
pub(in super::super) const DETACH: u8 = 0x16;
pub(in super::super) const END: u8 = 0x17;
pub(in super::super) const CLOSE: u8 = 0x18;
pub(in super::super) const SASL_MECHANISMS: u8 = 0x40;
pub(in super::super) const SASL_INIT: u8 = 0x41;
pub(in super::super) const SASL_OUTCOME: u8 = 0x44;
const ERROR: u64 = 0x1d;
const SOURCE: u8 = 0x28;
const TARGET: u8 = 0x29;
const ACCEPTED: u8 = 0x24;

/// An error as the peer states it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in super::super) struct AmqpError {
    /// Its name, `amqp:not-found` for example. Empty when the peer gave no reason.
    pub condition: String,
    /// The peer's words.
    pub description: String,
}

/// What the peer made of a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in super::super) enum State {
    /// It has it.
    Accepted,
    /// It will not have it.
    Rejected(AmqpError),
    /// It has not looked at it.
    Released,
    /// It may have looked at it and does not have it.
    Modified,
    /// Nothing that ends the matter.
    Unsettled,
}

/// A frame that came, as far as a sender needs it.
#[derive(Debug, PartialEq)]
pub(in super::super) enum Incoming<'a> {
    Heartbeat,
    Open {
        frame_bytes_max: u32,
        idle_millis: Option<u32>,
    },
    Begin {
        incoming_window: u32,
        next_outgoing_id: u32,
    },
    Attach {
        name: &'a str,
        handle: u32,
        has_terminus: bool,
        /// Where the peer sends: the number of its first delivery.
        first_delivery: Option<u32>,
        message_bytes_max: u64,
    },
    Flow(Flow),
    Transfer {
        handle: u32,
        delivery_id: Option<u32>,
        settled: bool,
        more: bool,
        payload: &'a [u8],
    },
    /// Of our transfers; dispositions of the peer's own are not among these.
    Disposition {
        first: u32,
        last: u32,
        settled: bool,
        state: State,
    },
    Detach {
        handle: u32,
        error: Option<AmqpError>,
    },
    End(Option<AmqpError>),
    Close(Option<AmqpError>),
    Other,
}

/// How much the peer takes.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in super::super) struct Flow {
    pub next_incoming_id: Option<u32>,
    pub incoming_window: u32,
    pub handle: Option<u32>,
    pub delivery_count: Option<u32>,
    pub link_credit: u32,
    pub drain: bool,
    pub echo: bool,
}

/// What a frame of signing in says.
#[derive(Debug, PartialEq, Eq)]
pub(in super::super) enum Sasl {
    Mechanisms(Vec<String>),
    Outcome(u64),
}

/// Reads the body of a frame of AMQP itself.
///
/// # Errors
/// When it is malformed.
pub(in super::super) fn read(body: &[u8]) -> Result<Incoming<'_>, Malformed> {
    if body.is_empty() {
        return Ok(Incoming::Heartbeat);
    }
    let mut reader = Reader::new(body);
    let (code, mut fields) = described_list(reader.value()?)?;
    let payload = reader.rest();
    let fields = &mut fields;
    Ok(match u8::try_from(code).unwrap_or(0) {
        OPEN => {
            fields.skip(2)?;
            let frame_bytes_max = fields.field()?.u32().unwrap_or(u32::MAX);
            fields.skip(1)?;
            Incoming::Open { frame_bytes_max, idle_millis: fields.field()?.u32() }
        }
        BEGIN => {
            fields.skip(1)?;
            let next_outgoing_id = fields.field()?.u32().unwrap_or(0);
            Incoming::Begin { next_outgoing_id, incoming_window: fields.field()?.u32().unwrap_or(0) }
        }
        ATTACH => attach(fields)?,
        FLOW => Incoming::Flow(flow(fields)?),
        TRANSFER => transfer(fields, payload)?,
        DISPOSITION => disposition(fields)?,
        DETACH => {
            let handle = needed(fields.field()?)?;
            fields.skip(1)?;
            Incoming::Detach { handle, error: error(fields.field()?)? }
        }
        END => Incoming::End(error(fields.field()?)?),
        CLOSE => Incoming::Close(error(fields.field()?)?),
        _ => Incoming::Other,
    })
}

/// Reads the body of a frame of signing in.
///
/// # Errors
/// When it is malformed, or another frame than those that are waited for.
pub(in super::super) fn read_sasl(body: &[u8]) -> Result<Sasl, Malformed> {
    let (code, mut fields) = described_list(Reader::new(body).value()?)?;
    match u8::try_from(code).unwrap_or(0) {
        SASL_MECHANISMS => Ok(Sasl::Mechanisms(symbols(fields.field()?)?.into_iter().map(str::to_owned).collect())),
        SASL_OUTCOME => match fields.field()? {
            Value::Unsigned(code) => Ok(Sasl::Outcome(code)),
            _ => Err(Malformed("the outcome of signing in has no code")),
        },
        _ => Err(Malformed("an unexpected frame came while signing in")),
    }
}

fn described_list(value: Value<'_>) -> Result<(u64, Fields<'_>), Malformed> {
    let Value::Described(code, encoding) = value else {
        return Err(Malformed("a frame holds no performative"));
    };
    match Reader::new(encoding).value()? {
        Value::List(fields) => Ok((code, fields)),
        _ => Err(Malformed("a performative is no list")),
    }
}

fn needed(value: Value<'_>) -> Result<u32, Malformed> {
    value.u32().ok_or(Malformed("a performative lacks a number"))
}

fn attach<'a>(fields: &mut Fields<'a>) -> Result<Incoming<'a>, Malformed> {
    let name = fields.field()?.text().ok_or(Malformed("a link has no name"))?;
    let handle = needed(fields.field()?)?;
    // True: the peer receives, so its target tells whether the link is there; otherwise its source does.
    let receives = fields.field()?.is_true();
    fields.skip(2)?;
    let (source, target) = (fields.field()?, fields.field()?);
    let has_terminus = if receives { target != Value::Null } else { source != Value::Null };
    fields.skip(2)?;
    let first_delivery = fields.field()?.u32().filter(|_| !receives);
    let message_bytes_max = match fields.field()? {
        Value::Unsigned(bytes) => bytes,
        _ => 0,
    };
    Ok(Incoming::Attach { name, handle, has_terminus, first_delivery, message_bytes_max })
}

fn flow(fields: &mut Fields<'_>) -> Result<Flow, Malformed> {
    let next_incoming_id = fields.field()?.u32();
    let incoming_window = fields.field()?.u32().unwrap_or(0);
    fields.skip(2)?;
    let handle = fields.field()?.u32();
    let delivery_count = fields.field()?.u32();
    let link_credit = fields.field()?.u32().unwrap_or(0);
    fields.skip(1)?;
    let (drain, echo) = (fields.field()?.is_true(), fields.field()?.is_true());
    Ok(Flow { next_incoming_id, incoming_window, handle, delivery_count, link_credit, drain, echo })
}

fn transfer<'a>(fields: &mut Fields<'a>, payload: &'a [u8]) -> Result<Incoming<'a>, Malformed> {
    let handle = needed(fields.field()?)?;
    let delivery_id = fields.field()?.u32();
    fields.skip(2)?;
    let settled = fields.field()?.is_true();
    Ok(Incoming::Transfer { handle, delivery_id, settled, more: fields.field()?.is_true(), payload })
}

fn disposition<'a>(fields: &mut Fields<'a>) -> Result<Incoming<'a>, Malformed> {
    if !fields.field()?.is_true() {
        return Ok(Incoming::Other);
    }
    let first = needed(fields.field()?)?;
    let last = fields.field()?.u32().unwrap_or(first);
    let settled = fields.field()?.is_true();
    let state = match fields.field()? {
        Value::Described(0x24, _) => State::Accepted,
        Value::Described(0x25, encoding) => {
            let reason = match Reader::new(encoding).value()? {
                Value::List(mut fields) => error(fields.field()?)?,
                _ => None,
            };
            State::Rejected(reason.unwrap_or_default())
        }
        Value::Described(0x26, _) => State::Released,
        Value::Described(0x27, _) => State::Modified,
        _ => State::Unsettled,
    };
    Ok(Incoming::Disposition { first, last, settled, state })
}

fn error(value: Value<'_>) -> Result<Option<AmqpError>, Malformed> {
    let Value::Described(ERROR, encoding) = value else {
        return Ok(None);
    };
    let Value::List(mut fields) = Reader::new(encoding).value()? else {
        return Ok(None);
    };
    let condition = fields.field()?.text().unwrap_or_default().to_owned();
    let description = fields.field()?.text().unwrap_or_default().to_owned();
    Ok(Some(AmqpError { condition, description }))
}

/// `open` of the connection to `hostname`.
pub(in super::super) fn open(container: &str, hostname: &str, idle_millis: u32) -> Vec<u8> {
    let fields = List::default().text(container).text(hostname).uint(FRAME_BYTES_MAX).ushort(0).uint(idle_millis);
    control(AMQP, OPEN, &fields)
}

/// `begin` of the session.
pub(in super::super) fn begin(window: u32, handle_max: u32) -> Vec<u8> {
    control(AMQP, BEGIN, &List::default().null().uint(0).uint(window).uint(window).uint(handle_max))
}

/// `attach` of a link that sends to `address`, whose transfers are settled by the peer.
pub(in super::super) fn attach_sender(name: &str, handle: u32, address: &str) -> Vec<u8> {
    let source = List::default().text(name);
    let target = List::default().text(address);
    let fields = List::default().text(name).uint(handle).bool(false).ubyte(0).ubyte(0);
    control(AMQP, ATTACH, &fields.described(SOURCE, &source).described(TARGET, &target).null().null().uint(0))
}

/// `attach` of a link that receives from `address`; answers are sent to `here`.
pub(in super::super) fn attach_receiver(name: &str, handle: u32, address: &str, here: &str) -> Vec<u8> {
    let source = List::default().text(address);
    let target = List::default().text(here);
    let fields = List::default().text(name).uint(handle).bool(true).ubyte(1).ubyte(0);
    control(AMQP, ATTACH, &fields.described(SOURCE, &source).described(TARGET, &target))
}

/// `flow` of the session, and of a link where `link` says its handle, delivery count and credit.
pub(in super::super) fn flow_of(
    next_incoming_id: u32,
    window: u32,
    next_outgoing_id: u32,
    link: Option<(u32, u32, u32)>,
) -> Vec<u8> {
    let fields = List::default().uint(next_incoming_id).uint(window).uint(next_outgoing_id).uint(window);
    let fields = match link {
        Some((handle, delivery_count, credit)) => fields.uint(handle).uint(delivery_count).uint(credit),
        None => fields,
    };
    control(AMQP, FLOW, &fields)
}

/// `disposition` that accepts and settles what the peer sent.
pub(in super::super) fn accept(delivery_id: u32) -> Vec<u8> {
    let fields = List::default().bool(true).uint(delivery_id).uint(delivery_id).bool(true);
    control(AMQP, DISPOSITION, &fields.described(ACCEPTED, &List::default()))
}

/// `detach` that ends a link.
pub(in super::super) fn detach(handle: u32) -> Vec<u8> {
    control(AMQP, DETACH, &List::default().uint(handle).bool(true))
}

/// `end` of the session and `close` of the connection.
pub(in super::super) fn end_and_close() -> Vec<u8> {
    let mut frames = control(AMQP, END, &List::default());
    frames.extend(control(AMQP, CLOSE, &List::default()));
    frames
}

/// Chooses to sign in later, by token.
pub(in super::super) fn sasl_anonymous(hostname: &str) -> Vec<u8> {
    control(SASL, SASL_INIT, &List::default().symbol("ANONYMOUS").null().text(hostname))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_attach_has_the_bytes_of_the_specification() {
        let frame = attach_sender("s", 1, "hub");
        let golden = [
            0, 0, 0, 47, 2, 0, 0, 0, 0, 0x53, 0x12, 0xc0, 34, 10, 0xa1, 1, b's', 0x52, 1, 0x42, 0x50, 0, 0x50, 0, 0,
            0x53, 0x28, 0xc0, 4, 1, 0xa1, 1, b's', 0, 0x53, 0x29, 0xc0, 6, 1, 0xa1, 3, b'h', b'u', b'b', 0x40, 0x40,
            0x43,
        ];
        assert_eq!(frame[8..], golden[8..]);
        assert_eq!(frame.len(), usize::from(frame[3]));
    }

    #[test]
    fn a_rejection_says_why() {
        let error = List::default().symbol("com.microsoft:server-busy").text("Please wait 4 seconds and try again.");
        let rejected = List::default().described(0x1d, &error);
        let fields = List::default().bool(true).uint(3).uint(5).bool(true).described(0x25, &rejected);
        let frame = control(AMQP, DISPOSITION, &fields);
        let Ok(Incoming::Disposition { first: 3, last: 5, settled: true, state: State::Rejected(error) }) =
            read(&frame[8..])
        else {
            panic!("{:?}", read(&frame[8..]));
        };
        assert_eq!(error.condition, "com.microsoft:server-busy");
        assert_eq!(error.description, "Please wait 4 seconds and try again.");
    }

    #[test]
    fn a_refused_link_has_no_target() {
        let fields = List::default().text("l").uint(0).bool(true).null().null().null().null();
        let frame = control(AMQP, ATTACH, &fields);
        let refused =
            Incoming::Attach { name: "l", handle: 0, has_terminus: false, first_delivery: None, message_bytes_max: 0 };
        assert_eq!(read(&frame[8..]), Ok(refused));
    }

    #[test]
    fn mechanisms_are_read() {
        let frame = control(SASL, SASL_MECHANISMS, &List::default().symbol("ANONYMOUS"));
        assert_eq!(read_sasl(&frame[8..]), Ok(Sasl::Mechanisms(vec!["ANONYMOUS".into()])));
        let outcome = control(SASL, SASL_OUTCOME, &List::default().ubyte(0));
        assert_eq!(read_sasl(&outcome[8..]), Ok(Sasl::Outcome(0)));
    }
}
