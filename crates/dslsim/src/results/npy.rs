//! Arrays in numpy's formats.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use dslsim_script::{Array, ArrayData};
use dslsim_units::Dim;
use npyz::WriterBuilder;

use super::Result;

pub(crate) fn write_array(file: &mut io::BufWriter<fs::File>, result: &Result) -> io::Result<()> {
    if let Some(away) = &result.away {
        file.write_all(&header(result)?)?;
        file.flush()?;
        return away.write(file.get_mut());
    }
    let shape: Vec<u64> = result.shape.iter().map(|n| *n as u64).collect();
    macro_rules! put {
        ($values:expr) => {{
            let mut writer = npyz::WriteOptions::new()
                .default_dtype()
                .shape(&shape)
                .writer(file)
                .begin_nd()?;
            writer.extend($values)?;
            writer.finish()
        }};
    }
    match &result.array.data {
        ArrayData::F64(a) => put!(a.iter().copied()),
        ArrayData::I64(a) => put!(a.iter().copied()),
        ArrayData::Bool(a) => put!(a.iter().copied()),
    }
}

/// What stands before the elements of a `.npy` file.
fn header(result: &Result) -> io::Result<Vec<u8>> {
    let shape: Vec<u64> = result.shape.iter().map(|n| *n as u64).collect();
    let mut bytes = Vec::new();
    macro_rules! begin {
        ($t:ty) => {{
            let options = npyz::WriteOptions::<$t>::new().default_dtype();
            drop(options.shape(&shape).writer(&mut bytes).begin_nd()?);
        }};
    }
    match &result.array.data {
        ArrayData::F64(_) => begin!(f64),
        ArrayData::I64(_) => begin!(i64),
        ArrayData::Bool(_) => begin!(bool),
    }
    Ok(bytes)
}

/// Adds an array to an archive. One that is in a file needs another one in `folder` for a while.
pub(super) fn write_npz<W: Write + io::Seek>(
    npz: &mut npyz::npz::NpzWriter<W>,
    name: &str,
    result: &Result,
    folder: &Path,
) -> io::Result<()> {
    if let Some(away) = &result.away {
        let options = npyz::zip::write::FileOptions::default().large_file(true);
        let zip = npz.zip_writer();
        zip.start_file(format!("{name}.npy"), options)?;
        zip.write_all(&header(result)?)?;
        let mut scratch = super::held(folder)?;
        return away.in_order(scratch.as_file_mut(), |bytes| zip.write_all(bytes));
    }
    let shape: Vec<u64> = result.shape.iter().map(|n| *n as u64).collect();
    macro_rules! put {
        ($values:expr) => {{
            let mut writer = npz
                .array(name, Default::default())?
                .default_dtype()
                .shape(&shape)
                .begin_nd()?;
            writer.extend($values)?;
            writer.finish()
        }};
    }
    match &result.array.data {
        ArrayData::F64(a) => put!(a.iter().copied()),
        ArrayData::I64(a) => put!(a.iter().copied()),
        ArrayData::Bool(a) => put!(a.iter().copied()),
    }
}

/// Reads a `.npy` file.
pub(crate) fn read_npy(bytes: &[u8]) -> std::result::Result<Array, String> {
    let npy = npyz::NpyFile::new(bytes).map_err(|e| e.to_string())?;
    let shape: Vec<usize> = npy.shape().iter().map(|n| *n as usize).collect();
    let fortran = npy.order() == npyz::Order::Fortran && shape.len() > 1;
    if fortran {
        return Err("it is in Fortran order; save it with `np.ascontiguousarray`".into());
    }
    let dtype = npy.dtype().descr();
    let kind = dtype
        .trim_matches('\'')
        .trim_start_matches(['<', '>', '|', '='])
        .to_owned();
    let text = |e: io::Error| e.to_string();
    macro_rules! read {
        ($t:ty, $make:expr) => {{
            let values: Vec<$t> = npy.into_vec().map_err(text)?;
            $make(values)
        }};
    }
    Ok(match kind.as_str() {
        "f8" => read!(f64, |v| Array::floats(v, &shape, Dim::NONE)),
        "f4" => read!(f32, |v: Vec<f32>| Array::floats(
            v.into_iter().map(f64::from).collect(),
            &shape,
            Dim::NONE
        )),
        "i8" => read!(i64, |v| Array::ints(v, &shape)),
        "i4" => read!(i32, |v: Vec<i32>| Array::ints(
            v.into_iter().map(i64::from).collect(),
            &shape
        )),
        "u4" => read!(u32, |v: Vec<u32>| Array::ints(
            v.into_iter().map(i64::from).collect(),
            &shape
        )),
        "b1" => read!(bool, |v| Array::bools(v, &shape)),
        other => {
            return Err(format!(
                "its type {other} is not supported; use float64, int64 or bool"
            ));
        }
    })
}
