//! The nine performatives. Written ones have all their fields: the Python SDK reads them by position and fails where
//! trailing nulls are left out, though the specification allows that.

use bytes::{BufMut, Bytes, BytesMut};

use super::fields::{Fields, binary, string, symbol, uint, ulong};
use super::value::Value;
use super::{CodecError, Decoded};

/// The role of who receives, as `attach` and `disposition` have it.
pub(crate) const RECEIVER: bool = true;
/// The role of who sends.
pub(crate) const SENDER: bool = false;

/// An error with its AMQP condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AmqpError {
    pub(crate) condition: String,
    pub(crate) description: String,
}

impl AmqpError {
    pub(crate) fn new(condition: impl Into<String>, description: impl Into<String>) -> AmqpError {
        AmqpError { condition: condition.into(), description: description.into() }
    }

    fn write(self) -> Value {
        let fields = vec![Value::Symbol(self.condition), Value::String(self.description), Value::Null];
        Value::composite(0x1d, fields)
    }

    fn read(value: Value) -> Decoded<Option<AmqpError>> {
        if value == Value::Null {
            return Ok(None);
        }
        let mut fields = Fields::of(value)?;
        let condition = fields.text()?.ok_or(CodecError("an error has no condition"))?;
        Ok(Some(AmqpError { condition, description: fields.text()?.unwrap_or_default() }))
    }
}

fn error(error: Option<AmqpError>) -> Value {
    error.map_or(Value::Null, AmqpError::write)
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Accepted,
    Rejected(AmqpError),
    Released,
    Modified { failed: bool },
}

impl Outcome {
    fn write(self) -> Value {
        match self {
            Outcome::Accepted => Value::composite(0x24, Vec::new()),
            Outcome::Rejected(error) => Value::composite(0x25, vec![error.write()]),
            Outcome::Released => Value::composite(0x26, Vec::new()),
            Outcome::Modified { failed } => {
                Value::composite(0x27, vec![Value::Bool(failed), Value::Bool(false), Value::Null])
            }
        }
    }

    /// `None` for a state that is no outcome, such as `received`.
    fn read(value: Value) -> Decoded<Option<Outcome>> {
        let Value::Described(pair) = value else { return Ok(None) };
        let (Value::Ulong(code), fields) = *pair else { return Ok(None) };
        let mut fields = Fields::of(fields)?;
        Ok(match code {
            0x24 => Some(Outcome::Accepted),
            0x25 => Some(Outcome::Rejected(
                AmqpError::read(fields.any())?.unwrap_or_else(|| AmqpError::new("amqp:internal-error", "")),
            )),
            0x26 => Some(Outcome::Released),
            0x27 => Some(Outcome::Modified { failed: fields.flag()? }),
            _ => None,
        })
    }
}

/// A node to read from: what of it matters here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Source {
    pub(crate) address: Option<String>,
    /// Filters by name; null where there are none.
    pub(crate) filter: Value,
}

impl Source {
    fn write(self) -> Value {
        let mut fields = vec![Value::Null; 11];
        fields[0] = string(self.address);
        fields[7] = self.filter;
        Value::composite(0x28, fields)
    }

    fn read(value: Value) -> Decoded<Option<Source>> {
        if value == Value::Null {
            return Ok(None);
        }
        let mut fields = Fields::of(value)?;
        let address = fields.text()?;
        fields.skip(6);
        Ok(Some(Source { address, filter: fields.any() }))
    }
}

/// A node to write to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) address: Option<String>,
}

impl Target {
    fn write(self) -> Value {
        let mut fields = vec![Value::Null; 7];
        fields[0] = string(self.address);
        Value::composite(0x29, fields)
    }

    fn read(value: Value) -> Decoded<Option<Target>> {
        if value == Value::Null {
            return Ok(None);
        }
        Ok(Some(Target { address: Fields::of(value)?.text()? }))
    }
}

/// Opens a connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) container_id: String,
    pub(crate) hostname: Option<String>,
    pub(crate) max_frame_bytes: Option<u32>,
    pub(crate) channel_max: Option<u16>,
    pub(crate) idle_timeout_millis: Option<u32>,
}

/// Opens a session.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Begin {
    pub(crate) remote_channel: Option<u16>,
    pub(crate) next_outgoing_id: u32,
    pub(crate) incoming_window: u32,
    pub(crate) outgoing_window: u32,
    pub(crate) handle_max: Option<u32>,
}

/// Opens a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Attach {
    pub(crate) name: String,
    pub(crate) handle: u32,
    pub(crate) role: bool,
    pub(crate) snd_settle_mode: Option<u8>,
    pub(crate) rcv_settle_mode: Option<u8>,
    pub(crate) source: Option<Source>,
    pub(crate) target: Option<Target>,
    pub(crate) initial_delivery_count: Option<u32>,
    pub(crate) max_message_bytes: Option<u64>,
}

/// Moves windows and credit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    pub(crate) next_incoming_id: Option<u32>,
    pub(crate) incoming_window: u32,
    pub(crate) next_outgoing_id: u32,
    pub(crate) outgoing_window: u32,
    pub(crate) handle: Option<u32>,
    pub(crate) delivery_count: Option<u32>,
    pub(crate) link_credit: Option<u32>,
    pub(crate) drain: bool,
    pub(crate) echo: bool,
}

/// Carries a message or a part of one; the payload follows it in the frame.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) handle: u32,
    pub(crate) delivery_id: Option<u32>,
    pub(crate) delivery_tag: Option<Bytes>,
    pub(crate) message_format: Option<u32>,
    pub(crate) settled: Option<bool>,
    pub(crate) more: bool,
    pub(crate) aborted: bool,
}

/// Says what became of deliveries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Disposition {
    pub(crate) role: bool,
    pub(crate) first: u32,
    pub(crate) last: Option<u32>,
    pub(crate) settled: bool,
    pub(crate) state: Option<Outcome>,
}

/// Closes a link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Detach {
    pub(crate) handle: u32,
    pub(crate) closed: bool,
    pub(crate) error: Option<AmqpError>,
}

/// Any performative.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Performative {
    Open(Open),
    Begin(Begin),
    Attach(Box<Attach>),
    Flow(Flow),
    Transfer(Transfer),
    Disposition(Disposition),
    Detach(Detach),
    End(Option<AmqpError>),
    Close(Option<AmqpError>),
}

impl Performative {
    /// Decodes one off the front of `input`, of which the payload stays.
    pub(crate) fn decode(input: &mut Bytes) -> Decoded<Performative> {
        let Value::Described(pair) = Value::decode(input)? else {
            return Err(CodecError("a frame does not begin with a performative"));
        };
        let (descriptor, fields) = *pair;
        let mut fields = Fields::of(fields)?;
        let fields = &mut fields;
        Ok(match code(&descriptor) {
            Some(0x10) => Performative::Open(Open::read(fields)?),
            Some(0x11) => Performative::Begin(Begin::read(fields)?),
            Some(0x12) => Performative::Attach(Box::new(Attach::read(fields)?)),
            Some(0x13) => Performative::Flow(Flow::read(fields)?),
            Some(0x14) => Performative::Transfer(Transfer::read(fields)?),
            Some(0x15) => Performative::Disposition(Disposition::read(fields)?),
            Some(0x16) => Performative::Detach(Detach {
                handle: fields.required()?,
                closed: fields.flag()?,
                error: AmqpError::read(fields.any())?,
            }),
            Some(0x17) => Performative::End(AmqpError::read(fields.any())?),
            Some(0x18) => Performative::Close(AmqpError::read(fields.any())?),
            _ => return Err(CodecError("a frame has an unknown performative")),
        })
    }

    /// Appends the encoding.
    pub(crate) fn encode(self, out: &mut BytesMut) {
        let (code, fields) = match self {
            Performative::Open(open) => (0x10, open.write()),
            Performative::Begin(begin) => (0x11, begin.write()),
            Performative::Attach(attach) => (0x12, attach.write()),
            Performative::Flow(flow) => (0x13, flow.write()),
            Performative::Transfer(transfer) => (0x14, transfer.write()),
            Performative::Disposition(disposition) => (0x15, disposition.write()),
            Performative::Detach(detach) => {
                (0x16, vec![Value::Uint(detach.handle), Value::Bool(detach.closed), error(detach.error)])
            }
            Performative::End(reason) => (0x17, vec![error(reason)]),
            Performative::Close(reason) => (0x18, vec![error(reason)]),
        };
        // The Python SDK takes the third byte for the code, so it is written in two bytes whatever it is.
        out.put_slice(&[0x00, 0x53, code]);
        Value::List(fields).encode(out);
    }
}

/// The code of a descriptor; the symbolic forms of the specification are as good, and nobody writes them.
fn code(descriptor: &Value) -> Option<u64> {
    match descriptor {
        Value::Ulong(code) => Some(*code),
        _ => None,
    }
}

impl Open {
    fn read(fields: &mut Fields) -> Decoded<Open> {
        Ok(Open {
            container_id: fields.text()?.ok_or(CodecError("an open has no container id"))?,
            hostname: fields.text()?,
            max_frame_bytes: fields.number()?,
            channel_max: fields.number()?,
            idle_timeout_millis: fields.number()?,
        })
    }

    fn write(self) -> Vec<Value> {
        let mut fields = vec![
            Value::String(self.container_id),
            string(self.hostname),
            uint(self.max_frame_bytes),
            self.channel_max.map_or(Value::Null, Value::Ushort),
            uint(self.idle_timeout_millis),
        ];
        fields.resize(10, Value::Null);
        fields
    }
}

impl Begin {
    fn read(fields: &mut Fields) -> Decoded<Begin> {
        Ok(Begin {
            remote_channel: fields.number()?,
            next_outgoing_id: fields.required()?,
            incoming_window: fields.required()?,
            outgoing_window: fields.required()?,
            handle_max: fields.number()?,
        })
    }

    fn write(self) -> Vec<Value> {
        let mut fields = vec![
            self.remote_channel.map_or(Value::Null, Value::Ushort),
            Value::Uint(self.next_outgoing_id),
            Value::Uint(self.incoming_window),
            Value::Uint(self.outgoing_window),
            uint(self.handle_max),
        ];
        fields.resize(8, Value::Null);
        fields
    }
}

impl Attach {
    fn read(fields: &mut Fields) -> Decoded<Attach> {
        let attach = Attach {
            name: fields.text()?.ok_or(CodecError("an attach has no name"))?,
            handle: fields.required()?,
            role: fields.flag()?,
            snd_settle_mode: fields.number()?,
            rcv_settle_mode: fields.number()?,
            source: Source::read(fields.any())?,
            target: Target::read(fields.any())?,
            ..Attach::default()
        };
        fields.skip(2);
        Ok(Attach { initial_delivery_count: fields.number()?, max_message_bytes: fields.number()?, ..attach })
    }

    fn write(self) -> Vec<Value> {
        let mut fields = vec![
            Value::String(self.name),
            Value::Uint(self.handle),
            Value::Bool(self.role),
            self.snd_settle_mode.map_or(Value::Null, Value::Ubyte),
            self.rcv_settle_mode.map_or(Value::Null, Value::Ubyte),
            self.source.map_or(Value::Null, Source::write),
            self.target.map_or(Value::Null, Target::write),
            Value::Null,
            Value::Null,
            uint(self.initial_delivery_count),
            ulong(self.max_message_bytes),
        ];
        fields.resize(14, Value::Null);
        fields
    }
}

impl Flow {
    fn read(fields: &mut Fields) -> Decoded<Flow> {
        let flow = Flow {
            next_incoming_id: fields.number()?,
            incoming_window: fields.required()?,
            next_outgoing_id: fields.required()?,
            outgoing_window: fields.required()?,
            handle: fields.number()?,
            delivery_count: fields.number()?,
            link_credit: fields.number()?,
            ..Flow::default()
        };
        fields.skip(1);
        Ok(Flow { drain: fields.flag()?, echo: fields.flag()?, ..flow })
    }

    fn write(self) -> Vec<Value> {
        vec![
            uint(self.next_incoming_id),
            Value::Uint(self.incoming_window),
            Value::Uint(self.next_outgoing_id),
            Value::Uint(self.outgoing_window),
            uint(self.handle),
            uint(self.delivery_count),
            uint(self.link_credit),
            Value::Null,
            Value::Bool(self.drain),
            Value::Bool(self.echo),
            Value::Null,
        ]
    }
}

impl Transfer {
    fn read(fields: &mut Fields) -> Decoded<Transfer> {
        let transfer = Transfer {
            handle: fields.required()?,
            delivery_id: fields.number()?,
            delivery_tag: fields.binary()?,
            message_format: fields.number()?,
            ..Transfer::default()
        };
        let settled = match fields.any() {
            Value::Bool(settled) => Some(settled),
            _ => None,
        };
        let more = fields.flag()?;
        fields.skip(3);
        Ok(Transfer { settled, more, aborted: fields.flag()?, ..transfer })
    }

    fn write(self) -> Vec<Value> {
        vec![
            Value::Uint(self.handle),
            uint(self.delivery_id),
            binary(self.delivery_tag),
            uint(self.message_format),
            self.settled.map_or(Value::Null, Value::Bool),
            Value::Bool(self.more),
            Value::Null,
            Value::Null,
            Value::Null,
            Value::Bool(self.aborted),
            Value::Null,
        ]
    }
}

impl Disposition {
    fn read(fields: &mut Fields) -> Decoded<Disposition> {
        Ok(Disposition {
            role: fields.flag()?,
            first: fields.required()?,
            last: fields.number()?,
            settled: fields.flag()?,
            state: Outcome::read(fields.any())?,
        })
    }

    fn write(self) -> Vec<Value> {
        vec![
            Value::Bool(self.role),
            Value::Uint(self.first),
            uint(self.last),
            Value::Bool(self.settled),
            self.state.map_or(Value::Null, Outcome::write),
            Value::Null,
        ]
    }
}

/// The mechanisms that a server offers.
pub(crate) fn symbols(names: &[&str]) -> Value {
    Value::Array(names.iter().map(|name| symbol(Some((*name).to_owned()))).collect())
}
