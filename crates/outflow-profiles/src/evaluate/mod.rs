//! stand-in
use arrow::array::*; use outflow_model::{Fault,FieldPath};
pub struct Evaluator{pub p:Vec<FieldPath>}
impl Evaluator{ pub fn paths(&self)->&[FieldPath]{&self.p}
pub fn select(&self,c:&dyn Fn(&FieldPath)->Option<ArrayRef>,_r:usize)->Result<BooleanArray,Fault>{
 let a=c(&self.p[0]).unwrap(); let d=a.as_dictionary::<arrow::datatypes::Int32Type>(); let v=d.values().as_string::<i32>();
 let t:Vec<bool>=v.iter().map(|x|x==Some("realized")||x==Some("existing")).collect();
 Ok(d.keys().iter().map(|k|k.map(|k|t[k as usize])).collect()) } }
