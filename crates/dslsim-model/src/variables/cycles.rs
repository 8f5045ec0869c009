//! Subexpressions that depend on themselves.

use dslsim_source::{Diagnostic, Diagnostics};
use dslsim_syntax::ast::{Expr, ExprKind};

use super::{VarKind, Variable, Variables, visit};

impl Variables {
    pub(super) fn check_cycles(&self, diagnostics: &mut Diagnostics) {
        for start in self.iter() {
            let VarKind::Subexpression(_) = start.kind else {
                continue;
            };
            let mut path = vec![start.name.clone()];
            if self.finds(&start.name, &start.name, &mut path, &mut Vec::new())
                && path.iter().min() == Some(&start.name)
            {
                let chain = path.join("` → `");
                let message = if path.len() == 1 {
                    format!("subexpression `{}` depends on itself", start.name)
                } else {
                    format!(
                        "subexpressions depend on each other in a cycle: `{chain}` → `{}`",
                        start.name
                    )
                };
                let mut d = Diagnostic::error("cyclic-subexpressions", start.span, message);
                for other in path.iter().skip(1).filter_map(|n| self.get(n)) {
                    d = d.also(other.span, format!("`{}` is part of the cycle", other.name));
                }
                diagnostics.push(d.help(
                    "break the cycle, for instance by giving one of them a differential equation",
                ));
            }
        }
    }

    /// Whether `at` leads to `goal`; `dead`: names that are known not to.
    fn finds(&self, at: &str, goal: &str, path: &mut Vec<String>, dead: &mut Vec<String>) -> bool {
        let Some(Variable {
            kind: VarKind::Subexpression(expr),
            ..
        }) = self.get(at)
        else {
            return false;
        };
        let mut names = Vec::new();
        Self::mentions(expr, &mut names);
        for name in names {
            if name == goal {
                return true;
            }
            if path.contains(&name) || dead.contains(&name) {
                continue;
            }
            path.push(name.clone());
            if self.finds(&name, goal, path, dead) {
                return true;
            }
            path.pop();
            dead.push(name);
        }
        false
    }

    /// Names that the right-hand side of a variable mentions.
    fn mentions(expr: &Expr, names: &mut Vec<String>) {
        visit(expr, &mut |e| {
            if let ExprKind::Name(n) = &e.kind {
                names.push(n.clone());
            }
        });
    }
}
