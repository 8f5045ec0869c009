//! Parts of groups: `G[3:7]`, `G[5]`. A part is a contiguous range of elements.

use dslsim_model::network::Part;
use dslsim_script::{Array, ArrayData, IndexValue, Spanned, Value};
use dslsim_source::{Diagnostic, Diagnostics, Span};

use super::Session;
use super::handles::Handle;

type Told<T> = Result<T, Diagnostics>;

impl Session<'_> {
    /// `G[3:7]`, `G[5]`
    pub(super) fn subgroup(
        &mut self,
        part: Part,
        index: &[Spanned<IndexValue>],
        span: Span,
    ) -> Told<Value> {
        let n = part.len() as i64;
        let shown = self.network.get(part.object).shown().to_owned();
        let [one] = index else {
            return Err(
                Diagnostic::error("too-many-indices", span, "a group has one index").into(),
            );
        };
        let gap = || {
            Diagnostics::from(
                Diagnostic::error(
                    "not-contiguous",
                    one.span,
                    format!(
                        "a part of `{shown}` must be contiguous (consecutive elements, no step)"
                    ),
                )
                .help("use a condition on `i` in the equations or in `record='…'`"),
            )
        };
        let range = |low: i64, high: i64| -> Told<Part> {
            if low < 0 || high > n || low >= high {
                return Err(Diagnostic::error("subgroup-range", one.span, format!("`{shown}` has {n} elements (0 to {}), so the part {low}:{high} does not exist", n - 1)).into());
            }
            Ok(Part {
                object: part.object,
                start: part.start + low as usize,
                stop: part.start + high as usize,
            })
        };
        let wrap = |k: i64| if k < 0 { k + n } else { k };
        let found = match &one.value {
            IndexValue::Int(k) => range(wrap(*k), wrap(*k).saturating_add(1))?,
            IndexValue::Slice(s) => {
                if s.step.is_some_and(|k| k != 1) {
                    return Err(gap());
                }
                range(s.low.map_or(0, wrap), s.high.map_or(n, wrap))?
            }
            IndexValue::Array(Array {
                data: ArrayData::I64(a),
                ..
            }) => {
                let list: Vec<i64> = a.iter().copied().collect();
                if !list.windows(2).all(|w| w[0].checked_add(1) == Some(w[1])) || list.is_empty() {
                    return Err(gap());
                }
                range(list[0], list[list.len() - 1].saturating_add(1))?
            }
            IndexValue::Unknown => return Ok(Value::Unknown(None)),
            _ => {
                return Err(Diagnostic::error(
                    "wrong-type",
                    one.span,
                    "a part of a group is given by a slice, a number or consecutive numbers",
                )
                .into());
            }
        };
        Ok(self.refer(Handle::Part(found)))
    }
}
