//! Two-lane operations, in the forms for which Cranelift has single instructions.

use cranelift_codegen::ir::condcodes::FloatCC;
use cranelift_codegen::ir::{ConstantData, InstBuilder, MemFlagsData, Value, types};
use cranelift_frontend::FunctionBuilder;
use dslsim_ir::kernel::{Binary, Compare, Unary};

/// Operations on `F64X2`; masks are `F64X2` too.
pub(super) trait Lanes {
    /// Two 64-bit patterns.
    fn constant(&mut self, bits: [u64; 2]) -> Value;
    /// A vector of two scalars.
    fn pair(&mut self, lanes: [Value; 2]) -> Value;
    fn unary(&mut self, op: Unary, a: Value) -> Value;
    /// Every operation but the remainder (which is a call; its place is taken by the first operand).
    fn binary(&mut self, op: Binary, x: Value, y: Value) -> Value;
    /// A mask.
    fn compare(&mut self, op: Compare, x: Value, y: Value) -> Value;
    /// The mask of numbers that are not 0.
    fn is_true(&mut self, a: Value) -> Value;
}

impl Lanes for FunctionBuilder<'_> {
    fn constant(&mut self, bits: [u64; 2]) -> Value {
        let bytes: Vec<u8> = bits.iter().flat_map(|b| b.to_le_bytes()).collect();
        let constant = self.func.dfg.constants.insert(ConstantData::from(bytes));
        self.ins().vconst(types::F64X2, constant)
    }

    fn pair(&mut self, [low, high]: [Value; 2]) -> Value {
        // `splat` loads both lanes at once; `scalar_to_vector` clears and merges.
        let vector = self.ins().splat(types::F64X2, low);
        self.ins().insertlane(vector, high, 1)
    }

    fn unary(&mut self, op: Unary, a: Value) -> Value {
        match op {
            Unary::Neg => self.ins().fneg(a),
            Unary::Abs => self.ins().fabs(a),
            Unary::Sqrt => self.ins().sqrt(a),
            Unary::Floor => self.ins().floor(a),
            Unary::Ceil => self.ins().ceil(a),
            Unary::Trunc => self.ins().trunc(a),
            Unary::Round => self.ins().nearest(a),
        }
    }

    fn binary(&mut self, op: Binary, x: Value, y: Value) -> Value {
        match op {
            Binary::Add => self.ins().fadd(x, y),
            Binary::Sub => self.ins().fsub(x, y),
            Binary::Mul => self.ins().fmul(x, y),
            Binary::Div => self.ins().fdiv(x, y),
            // `y < x ? y : x`: minpd.
            Binary::Min => {
                let less = mask(self, FloatCC::LessThan, y, x);
                self.ins().bitselect(less, y, x)
            }
            // `x < y ? y : x`: maxpd.
            Binary::Max => {
                let less = mask(self, FloatCC::LessThan, x, y);
                self.ins().bitselect(less, y, x)
            }
            Binary::Mod => x,
        }
    }

    fn compare(&mut self, op: Compare, x: Value, y: Value) -> Value {
        // As in the scalar emitter; each is one instruction.
        let condition = match op {
            Compare::Lt => FloatCC::LessThan,
            Compare::Le => FloatCC::LessThanOrEqual,
            Compare::Eq => FloatCC::Equal,
            Compare::Ne => FloatCC::NotEqual,
        };
        mask(self, condition, x, y)
    }

    fn is_true(&mut self, a: Value) -> Value {
        let zero = self.constant([0; 2]);
        mask(self, FloatCC::NotEqual, a, zero)
    }
}

fn mask(b: &mut FunctionBuilder<'_>, condition: FloatCC, x: Value, y: Value) -> Value {
    let mask = b.ins().fcmp(condition, x, y);
    b.ins().bitcast(types::F64X2, MemFlagsData::new(), mask)
}
