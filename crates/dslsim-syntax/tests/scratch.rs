use dslsim_source::{SourceMap, Diagnostics, render, MessageFormat};
use dslsim_syntax::ast::*;
use dslsim_syntax::*;
use std::collections::HashMap;

fn walk(e: &Expr, env: &HashMap<String, Expr>, ds: &mut Diagnostics, n: &mut usize) {
    let res = |e: &Expr| -> Option<Text> { match &e.kind { ExprKind::Str(t) => Some(t.clone()), ExprKind::Name(x) => match env.get(x) { Some(Expr{kind: ExprKind::Str(t),..}) => Some(t.clone()), _ => None }, _ => None } };
    if let ExprKind::Call(f, args) = &e.kind {
        let fname = match &f.kind { ExprKind::Name(x) => x.clone(), ExprKind::Attribute(_, i) => i.name.clone(), _ => String::new() };
        let mut pos = 0;
        for a in args {
            let key = match &a.name { Some(n) => n.name.clone(), None => { pos += 1; format!("#{}", pos) } };
            let role = match (fname.as_str(), key.as_str()) {
                ("NeuronGroup", "#2" | "model") | ("Synapses", "#3" | "model") | ("Equations", "#1") => "eq",
                (_, "reset" | "on_pre" | "on_post") | ("run_regularly", "#1") => "st",
                (_, "threshold" | "refractory" | "condition" | "p" | "rates") => "ex",
                ("connect", "j") => "gen",
                _ => "",
            };
            if let Some(t) = res(&a.value) {
                *n += 1;
                match role {
                    "eq" => { let (q, d) = parse_equations(&t); ds.extend(d); for e in q { eprintln!("   {}", print_equation(&e)); } }
                    "st" => { let (q, d) = parse_statements(&t); ds.extend(d); for e in q { eprintln!("   {}", print_statement(&e)); } }
                    "ex" => { let (q, d) = parse_expression(&t); ds.extend(d); eprintln!("   {}", print_expr(&q)); }
                    "gen" => { let (q, d) = parse_generator(&t); ds.extend(d); eprintln!("   {q:?}"); }
                    _ => {}
                }
            }
            walk(&a.value, env, ds, n);
        }
        walk(f, env, ds, n);
    }
    if let ExprKind::Attribute(o, _) = &e.kind { walk(o, env, ds, n) }
}

#[test]
fn scratch() {
    for dir in std::env::var("DIRS").unwrap().split(':') {
        let mut names: Vec<_> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "eq")).collect();
        names.sort();
        for p in names {
            let Ok(text) = std::fs::read_to_string(&p) else { continue };
            let mut map = SourceMap::new();
            let id = map.add(p.file_name().unwrap().to_str().unwrap(), text.as_str());
            let (file, mut ds) = parse_file(id, &text);
            let mut env = HashMap::new();
            let mut n = 0;
            for s in &file.statements {
                match &s.kind {
                    FileStatementKind::Assign { targets, value } => {
                        if let ExprKind::Name(x) = &targets[0].kind { env.insert(x.clone(), value.clone()); }
                        walk(value, &env, &mut ds, &mut n);
                    }
                    FileStatementKind::Expr(e) => walk(e, &env, &mut ds, &mut n),
                    _ => {}
                }
            }
            println!("== {} {} statements, {n} strings", p.file_name().unwrap().to_str().unwrap(), file.statements.len());
            print!("{}", render(&ds, &map, MessageFormat::Short, false));
        }
    }
}
