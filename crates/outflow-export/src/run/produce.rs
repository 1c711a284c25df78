//! Producing the parts: threads take morsels, and what they make leaves in plan order.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{ArrayRef, AsArray, Int64Array};
use arrow::datatypes::Int64Type;
use outflow_model::balance::{Balance, ExclusionReason};
use outflow_model::{Fault, FaultClass};
use outflow_profiles::scan::{PageBudget, ScanRequest, Selected};

use super::{Columns, Run};
use crate::dedup::{Dedup, DedupMemory, Layout, explode};
use crate::deliver::Delivery;
use crate::departures::{self, DeparturesFile};
use crate::encode::{CsvEncoder, JsonEncoder, RowEncoder, plain, rows_of};
use crate::pipeline::{Compressors, DonePart, Lane, Outlet, PartFormat, Parts, Piece, Rows, Turns, stopped};
use crate::plan::{DedupKey, FileFormat};
use crate::progress::Step;

/// The parts of a run.
pub(super) struct Made {
    /// Rows of each.
    pub rows: Vec<u64>,
    /// Who leaves with each, where that is kept.
    pub departures: Vec<DeparturesFile>,
}

/// Reads, selects, deduplicates, encodes and hands every part to `delivery`. `advice` gets what a person should know of
/// them.
pub(super) fn produce(
    run: &Run<'_>,
    run_id: &str,
    columns: &Columns,
    delivery: &mut Delivery,
    balance: &mut Balance,
    advice: &mut Vec<String>,
) -> Result<Made, Fault> {
    // Of what is open at a time, pages are the part whose size the files decide: a scan has half of the memory for them
    // at most.
    let pages = PageBudget::new(run.resources.memory_bytes / 8, run.resources.threads);
    let producer = Producer { run, columns, pages, total: Mutex::new(Balance::default()) };
    let result = match &columns.dedup {
        None => producer.write(run_id, delivery, &|work| producer.direct(work)),
        Some(layout) => producer.deduplicated(layout, run_id, delivery, advice),
    };
    *balance = producer.total.into_inner().unwrap_or_else(PoisonError::into_inner);
    let parts = result?;
    withheld(run, balance);
    Ok(Made {
        rows: parts.iter().map(|part| part.rows).collect(),
        departures: departures::keep(parts.into_iter().filter_map(|part| part.departures).collect())?,
    })
}

/// Counts the profiles that would have been selected: they were read, and no row of theirs was.
fn withheld(run: &Run<'_>, balance: &mut Balance) {
    for (reason, profiles) in run.rows.iter().flat_map(|rows| rows.withheld()) {
        // Where there were fewer, the balance says so.
        balance.not_selected = balance.not_selected.saturating_sub(*profiles);
        balance.profiles_selected += profiles;
        balance.exclude(*reason, *profiles);
    }
}

struct Producer<'a> {
    run: &'a Run<'a>,
    columns: &'a Columns,
    pages: PageBudget,
    total: Mutex<Balance>,
}

/// What a thread needs while it writes.
struct Work<'a, 'p> {
    next: &'a AtomicUsize,
    turns: &'a Turns<Piece, Parts<'p>>,
    compressors: &'a Compressors,
}

impl Producer<'_> {
    /// Runs `body` on every thread; the first fault stops all.
    fn on_all_threads(
        &self,
        on_fault: &(dyn Fn() + Sync),
        body: &(dyn Fn() -> Result<(), Fault> + Sync),
    ) -> Result<(), Fault> {
        let faults: Mutex<Vec<Fault>> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..self.run.resources.threads.max(1) {
                scope.spawn(|| {
                    if let Err(fault) = body() {
                        faults.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
                        on_fault();
                    }
                });
            }
        });
        let mut faults = faults.into_inner().unwrap_or_else(PoisonError::into_inner);
        // Threads that gave up because of another one's fault say so; the first real fault is the one to tell.
        match faults.iter().position(|f| f.class != FaultClass::Interrupted).or((!faults.is_empty()).then_some(0)) {
            Some(at) => Err(faults.swap_remove(at)),
            None => Ok(()),
        }
    }

    /// Opens the files and lets every thread write with `body`.
    fn write(
        &self,
        run_id: &str,
        delivery: &mut Delivery,
        body: &(dyn Fn(&Work<'_, '_>) -> Result<(), Fault> + Sync),
    ) -> Result<Vec<DonePart>, Fault> {
        let plan = self.run.plan;
        let threads = self.run.resources.threads.max(1);
        let compressors = Arc::new(Compressors::new(plan.compression, threads));
        let encoder = self.encoder();
        let format = PartFormat {
            header: encoder.as_ref().map_or(Ok(Vec::new()), |e| e.header())?,
            parquet: encoder.is_none().then(|| Arc::clone(&self.columns.schema)),
            rows_max: plan.rows_per_file,
            compression: plan.compression,
            threads,
            departures: self.run.departures.map(Path::to_path_buf),
        };
        let open = Box::new(|number| {
            let name = plan.names.parts.file_name(number);
            let cipher = self.run.encryption.map(|encryption| encryption.part(run_id, &name)).transpose()?;
            Ok(Outlet::new(delivery.open(name)?, cipher))
        });
        let parts = Parts::new(format, Arc::clone(&compressors), open);
        let turns = Turns::new(parts, self.run.resources.memory_bytes / 16);
        let next = AtomicUsize::new(0);
        self.on_all_threads(&|| turns.fail(), &|| {
            body(&Work { next: &next, turns: &turns, compressors: &compressors })?;
            while compressors.help()? {}
            Ok(())
        })?;
        let parts = turns.into_sink().finish()?;
        while compressors.help()? {}
        Ok(parts)
    }

    fn encoder(&self) -> Option<Box<dyn RowEncoder>> {
        let headers = self.columns.headers();
        match &self.run.plan.format {
            FileFormat::Csv(dialect) => Some(Box::new(CsvEncoder::new(dialect.clone(), headers))),
            FileFormat::Json => Some(Box::new(JsonEncoder::new(&headers))),
            FileFormat::Parquet => None,
        }
    }

    fn request(&self) -> ScanRequest {
        ScanRequest {
            rule: self.run.rule.clone(),
            rows: self.run.rows.clone(),
            require: self.run.plan.require.clone(),
            columns: self.columns.scanned.clone(),
            pages: Some(self.pages.clone()),
        }
    }

    /// Counts a batch as it was read.
    fn count(&self, balance: &mut Balance, selected: &Selected) {
        balance.profiles_read += selected.read;
        balance.not_selected += selected.read - selected.selected;
        balance.profiles_selected += selected.selected;
        balance.exclude(ExclusionReason::MissingMandatory, selected.missing_mandatory);
        self.run.progress.add_read(selected.read);
    }

    /// Profiles that went into the store: selected and not excluded.
    fn stored(&self) -> u64 {
        let total = self.total.lock().unwrap_or_else(PoisonError::into_inner);
        total.profiles_selected - total.excluded.values().sum::<u64>()
    }

    fn add(&self, balance: &Balance) {
        self.total.lock().unwrap_or_else(PoisonError::into_inner).add(balance);
    }

    /// Says which file a value that cannot be written was for, and which it came from.
    fn placed(&self, morsel: usize, fault: Fault) -> Fault {
        if fault.class != FaultClass::Input || !fault.tried.is_empty() {
            return fault;
        }
        let profiles = self.run.profiles;
        let source = profiles.morsels().get(morsel).map(|m| &profiles.sources().file(m.file).url);
        let name = self.run.plan.names.parts.file_name(1);
        match source {
            Some(source) => fault.tried(format!("write {name} from {source}")),
            None => fault.tried(format!("write {name}")),
        }
    }

    /// The hashes among the columns of a batch, where it is kept who leaves: column number `at`.
    fn hashes(&self, columns: &[ArrayRef], at: usize) -> Result<Option<Int64Array>, Fault> {
        if self.columns.hash.is_none() {
            return Ok(None);
        }
        let hashes = columns.get(at).and_then(|column| column.as_primitive_opt::<Int64Type>());
        hashes.cloned().map(Some).ok_or_else(|| Fault::internal("the profiles' hashes are no numbers"))
    }

    /// Encodes rows and puts them in line.
    fn emit(
        &self,
        columns: &[ArrayRef],
        hashes: Option<&Int64Array>,
        encoder: &mut Option<Box<dyn RowEncoder>>,
        lane: &mut Lane<'_, Piece, Parts<'_>>,
        work: &Work<'_, '_>,
    ) -> Result<u64, Fault> {
        let rows = rows_of(columns) as u64;
        if rows == 0 {
            return Ok(0);
        }
        let Some(encoder) = encoder else {
            self.run.progress.add_written(rows, 0);
            let piece = Piece { rows: Rows::Columns(columns.to_vec()), hashes: hashes.cloned() };
            lane.push(piece, &|| work.compressors.help())?;
            return Ok(rows);
        };
        let columns: Vec<ArrayRef> = columns.iter().map(plain).collect::<Result<_, _>>()?;
        let mut from = 0;
        while from < rows {
            let encoded = encoder.encode(&columns, from as usize)?;
            let count = encoded.row_ends.len() as u64;
            self.run.progress.add_written(count, encoded.bytes.len() as u64);
            let hashes = hashes.map(|hashes| hashes.slice(from as usize, count as usize));
            from += count;
            lane.push(Piece { rows: Rows::Encoded(encoded), hashes }, &|| work.compressors.help())?;
            while work.compressors.help()? {}
        }
        Ok(rows)
    }

    /// Without deduplication: what is selected is written at once.
    fn direct(&self, work: &Work<'_, '_>) -> Result<(), Fault> {
        let request = self.request();
        let mut encoder = self.encoder();
        let mapped = self.run.plan.mapping.len();
        loop {
            let number = work.next.fetch_add(1, Ordering::Relaxed);
            let Some(&morsel) = self.run.profiles.morsels().get(number) else { return Ok(()) };
            let mut lane = work.turns.lane(number);
            let mut scan = self.run.profiles.scan(morsel, &request)?;
            let mut balance = Balance::default();
            while let Some(selected) = scan.next_batch()? {
                self.run.progress.check()?;
                self.count(&mut balance, &selected);
                let hashes = self.hashes(&selected.columns, self.columns.hash.unwrap_or_default())?;
                let rows = self
                    .emit(&selected.columns[..mapped], hashes.as_ref(), &mut encoder, &mut lane, work)
                    .map_err(|fault| self.placed(number, fault))?;
                balance.profiles_written += rows;
                balance.rows_written += rows;
            }
            // Its pages are others' room.
            drop(scan);
            lane.finish()?;
            self.add(&balance);
        }
    }

    /// With deduplication: everything selected is stored, duplicates are found, the rest is written.
    fn deduplicated(
        &self,
        layout: &Layout,
        run_id: &str,
        delivery: &mut Delivery,
        advice: &mut Vec<String>,
    ) -> Result<Vec<DonePart>, Fault> {
        let (memory, threads) = (self.run.resources.memory_bytes, self.run.resources.threads);
        let memory =
            DedupMemory { rows_bytes: memory / 16, records_bytes: memory / 16, groups_bytes: memory / 8, threads };
        let morsels = self.run.profiles.morsels();
        let rows_max = morsels.iter().map(|m| m.rows).sum();
        let folder = &self.run.resources.spill_folder;
        let dedup = Dedup::new(layout.clone(), run_id, folder, memory, morsels.len(), rows_max)?;
        self.collect(&dedup)?;
        if !dedup.has_keys() {
            advice.extend(self.run.plan.dedup.as_ref().map(nobody_has));
        }
        self.run.progress.enter(Step::Deduplicating);
        self.resolve(&dedup, layout)?;
        self.run.progress.set_survivors(self.stored().saturating_sub(dedup.lost()));
        self.run.progress.enter(Step::Writing);
        self.write(run_id, delivery, &|work| self.survivors(&dedup, layout, work))
    }

    fn collect(&self, dedup: &Dedup) -> Result<(), Fault> {
        let next = AtomicUsize::new(0);
        let stop = AtomicBool::new(false);
        self.on_all_threads(&|| stop.store(true, Ordering::Relaxed), &|| {
            let request = self.request();
            let mut collector = dedup.collector();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                let Some(&morsel) = self.run.profiles.morsels().get(number) else { return collector.finish() };
                let mut scan = self.run.profiles.scan(morsel, &request)?;
                let mut rows = collector.start();
                let mut balance = Balance::default();
                while let Some(selected) = scan.next_batch()? {
                    self.run.progress.check()?;
                    if stop.load(Ordering::Relaxed) {
                        return Err(stopped());
                    }
                    self.count(&mut balance, &selected);
                    collector.add(number, &mut rows, &selected.columns).map_err(|fault| self.placed(number, fault))?;
                }
                drop(scan);
                collector.keep(number, rows)?;
                self.add(&balance);
            }
        })
    }

    fn resolve(&self, dedup: &Dedup, layout: &Layout) -> Result<(), Fault> {
        let ties = dedup.ties();
        let check = || self.run.progress.check();
        if layout.is_namespace {
            let mut judge = ties.judge();
            dedup.resolve_namespace(&mut judge, &check)?;
            judge.finish()?;
        } else {
            let (next, stop) = (AtomicUsize::new(0), AtomicBool::new(false));
            self.on_all_threads(&|| stop.store(true, Ordering::Relaxed), &|| {
                let mut judge = ties.judge();
                loop {
                    let partition = next.fetch_add(1, Ordering::Relaxed);
                    if partition >= dedup.partitions() {
                        return judge.finish();
                    }
                    check()?;
                    if stop.load(Ordering::Relaxed) {
                        return Err(stopped());
                    }
                    dedup.resolve_partition(partition, &mut judge)?;
                }
            })?;
        }
        ties.settle(&check)
    }

    fn survivors(&self, dedup: &Dedup, layout: &Layout, work: &Work<'_, '_>) -> Result<(), Fault> {
        let mut encoder = self.encoder();
        let mapped = self.run.plan.mapping.len();
        loop {
            let number = work.next.fetch_add(1, Ordering::Relaxed);
            if number >= self.run.profiles.morsels().len() {
                return Ok(());
            }
            let mut lane = work.turns.lane(number);
            let mut balance = Balance::default();
            dedup.survivors(number, |columns, lost| {
                self.run.progress.check()?;
                balance.duplicates += lost;
                let kept = rows_of(&columns) as u64;
                balance.profiles_written += kept;
                let mut columns = if layout.is_namespace { explode(&columns, mapped)? } else { columns };
                let hashes = self.hashes(&columns, columns.len().saturating_sub(1))?;
                columns.truncate(self.columns.schema.fields().len());
                let emitted = self.emit(&columns, hashes.as_ref(), &mut encoder, &mut lane, work);
                balance.rows_written += emitted.map_err(|fault| self.placed(number, fault))?;
                self.run.progress.add_survivors(kept);
                Ok(())
            })?;
            lane.finish()?;
            self.add(&balance);
        }
    }
}

/// What to tell when nobody selected has a key.
fn nobody_has(key: &DedupKey) -> String {
    let lacking = match key {
        DedupKey::Namespace(namespace) => format!("an identity of the namespace {namespace}"),
        DedupKey::Attributes(paths) => {
            let paths: Vec<String> = paths.iter().map(|path| format!("`{path}`")).collect();
            format!("a value of {}", paths.join(" and "))
        }
    };
    format!("no selected profile has {lacking}, so that nothing was deduplicated; check how it is spelled")
}
