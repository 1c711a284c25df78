use std::sync::Arc; use outflow_connector_kit::*; use outflow_export::*; use outflow_model::*; use outflow_profiles::{scan::*,source::*,evaluate::*}; use async_trait::async_trait; use bytes::Bytes; use std::io::Write;
struct S(String);
#[async_trait] impl Session for S{
 fn url(&self,n:&str)->String{format!("file://{}/{n}",self.0)} fn sink_path(&self,n:&str)->String{n.into()}
 async fn stage(&self,request:PartRequest,mut body:PartBody)->Result<StagedPart,Fault>{ let p=format!("{}/{}",self.0,request.name);
  tokio::task::spawn_blocking(move||{let mut f=std::fs::File::create(p).unwrap(); loop{match body.blocking_recv(){Some(Chunk::Data(b))=>f.write_all(&b).unwrap(),Some(Chunk::End{bytes,sha256})=>return Ok(StagedPart{request,bytes,sha256,state:Box::new(())}),None=>return Err(Fault::internal("cut"))}}}).await.unwrap()}
 async fn publish(&self,p:StagedPart)->Result<Receipt,Fault>{Ok(Receipt{name:p.request.name.clone(),url:self.url(&p.request.name),bytes:p.bytes,evidence:Evidence::Size,adopted:false})}
 async fn discard(&self,_:StagedPart)->Result<(),Fault>{Ok(())} async fn sweep(&self,_:&[String])->Result<SweepReport,Fault>{Ok(Default::default())} async fn stat(&self,_:&str)->Result<Option<ObjectStat>,Fault>{Ok(None)}
 async fn read(&self,_:&str)->Result<BodyReader,Fault>{todo!()} async fn read_range(&self,_:&str,_:u64,_:u64)->Result<Bytes,Fault>{todo!()} async fn list(&self,_:&str)->Result<Vec<(String,ObjectStat)>,Fault>{todo!()} async fn close(&self)->Result<(),Fault>{Ok(())} }
#[global_allocator] static A: mimalloc::MiMalloc=mimalloc::MiMalloc;
fn main(){ let a:Vec<String>=std::env::args().collect(); let (pat,out,mode,comp)=(a[1].clone(),a[2].clone(),a[3].as_str(),a[4].as_str());
 let rt=tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
 let pr=Profiles::open(pin(&[pat],&[Arc::new(LocalStorage)]).unwrap()).unwrap();
 let seg="segmentMembership.`81af1551-73f2-4d65-ae0d-a77e94212419`"; let p=|s:&str|FieldPath::parse(s).unwrap();
 let m=|a:&str,h:&str|MappedField{path:p(a),header:h.into()};
 let comp=match comp{"gzip"=>Compression::Gzip,"zstd"=>Compression::Zstd,_=>Compression::None};
 let plan=ExportPlan{sources:pr.sources().files().cloned().collect(),rule:Some("r".into()),now:chrono::DateTime::from_timestamp(0,0).unwrap(),
  mapping:vec![m("person.name.firstName","firstName"),m("person.name.lastName","lastName"),m("personalEmail.address","email"),m("mobilePhone.number","phone"),m("homeAddress.city","city"),m("homeAddress.country","country"),m("loyalty.tier","tier"),m(&format!("{seg}.status"),"status")],
  require:vec![p("personalEmail.address")],dedup:(mode=="dedup").then(||DedupKey::Attributes(vec![p("personalEmail.address")])),newest_by:(mode=="dedup").then(||p(&format!("{seg}.lastQualificationTime"))),
  format:FileFormat::Csv(Default::default()),compression:comp,rows_per_file:5_000_000,names:Names{parts:template::PartNames::new("out","csv",match comp{Compression::Gzip=>Some("gz"),Compression::Zstd=>Some("zst"),_=>None},false).unwrap(),dated:false,flow_id:None,segment_id:"s".into()},target:out.clone()};
 let rule=Evaluator{p:vec![p(&format!("{seg}.status"))]};
 let t=std::time::Instant::now();
 let o=run(&Run{plan:&plan,profiles:&pr,rule:Some(Arc::new(rule)),session:Arc::new(S(out)),runtime:rt.handle().clone(),resources:Resources{threads:a.get(5).map_or(2,|s|s.parse().unwrap()),memory_bytes:256<<20,spill_folder:"/tmp".into()},progress:&Progress::default(),verify:VerifyLevel::Receipt,clock:&||chrono::DateTime::from_timestamp(0,0).unwrap()});
 println!("{:?} {:?}",o,t.elapsed()); }
