//! What both emitters share: the parameters of a kernel's function, memory flags, counted loops.

use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::condcodes::IntCC;
use cranelift_codegen::ir::{Block, BlockArg, Inst, InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;
use dslsim_ir::BackendError;

/// The parameters of [`crate::abi::Entry`].
#[derive(Clone, Copy)]
pub(crate) struct Parameters {
    pub pointers: Value,
    pub scalars: Value,
    pub start: Value,
    pub end: Value,
    pub extra: Value,
    pub emitted: Value,
}

impl Parameters {
    pub(crate) fn of(b: &FunctionBuilder<'_>) -> Result<Self, BackendError> {
        let block = b
            .current_block()
            .ok_or_else(|| BackendError("no entry block".into()))?;
        match *b.block_params(block) {
            [pointers, scalars, start, end, extra, emitted] => Ok(Self {
                pointers,
                scalars,
                start,
                end,
                extra,
                emitted,
            }),
            _ => Err(BackendError(
                "a kernel's function does not have six parameters".into(),
            )),
        }
    }
}

/// Arrays and scratch: may change, of any alignment.
pub(crate) fn state() -> MemFlagsData {
    MemFlagsData::new().with_notrap()
}

/// Tables that nobody writes while a kernel runs. Not "can move": a load stays where it is used, as an operand.
pub(crate) fn table() -> MemFlagsData {
    MemFlagsData::new()
        .with_notrap()
        .with_readonly()
        .with_aligned()
}

/// Loads a word of a table in front of an instruction that has been emitted already.
pub(crate) fn load_before(
    b: &mut FunctionBuilder<'_>,
    inst: Inst,
    base: Value,
    offset: i32,
) -> Value {
    let mut cursor = FuncCursor::new(b.func).at_inst(inst);
    cursor.ins().load(types::I64, table(), base, offset)
}

/// A loop that is executed at least once, with its counter and one more value carried along.
pub(crate) struct Loop {
    /// The jump into the loop.
    pub entry: Inst,
    body: Block,
    exit: Block,
    /// The counter.
    pub at: Value,
    /// The value carried along.
    pub carried: Option<Value>,
}

impl Loop {
    /// Begins the body.
    pub(crate) fn begin(b: &mut FunctionBuilder<'_>, start: Value, carried: Option<Value>) -> Loop {
        let body = b.create_block();
        let exit = b.create_block();
        let at = b.append_block_param(body, types::I64);
        let inside = carried.map(|_| b.append_block_param(body, types::I64));
        carried.map(|_| b.append_block_param(exit, types::I64));
        let arguments: Vec<BlockArg> = [Some(start), carried]
            .into_iter()
            .flatten()
            .map(BlockArg::from)
            .collect();
        let entry = b.ins().jump(body, &arguments);
        b.switch_to_block(body);
        Loop {
            entry,
            body,
            exit,
            at,
            carried: inside,
        }
    }

    /// Ends the body: goes on while the counter, increased, is below `end`. Gives the carried value behind the loop.
    pub(crate) fn finish(
        self,
        b: &mut FunctionBuilder<'_>,
        step: i64,
        end: Value,
        carried: Option<Value>,
    ) -> Option<Value> {
        let next = b.ins().iadd_imm_s(self.at, step);
        let more = b.ins().icmp(IntCC::UnsignedLessThan, next, end);
        let again: Vec<BlockArg> = [Some(next), carried]
            .into_iter()
            .flatten()
            .map(BlockArg::from)
            .collect();
        let out: Vec<BlockArg> = carried.into_iter().map(BlockArg::from).collect();
        b.ins().brif(more, self.body, &again, self.exit, &out);
        b.seal_block(self.body);
        b.seal_block(self.exit);
        b.switch_to_block(self.exit);
        b.block_params(self.exit).first().copied()
    }
}
