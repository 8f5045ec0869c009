//! The scripts of the conformance models, with a host that knows nothing: no built-in name may be missing.

mod common;

#[test]
fn names_of_the_conformance_models_are_known() {
    let folder =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/conformance/models");
    let Ok(files) = std::fs::read_dir(&folder) else {
        return;
    };
    let mut wrong = String::new();
    for file in files
        .flatten()
        .map(|f| f.path())
        .filter(|p| p.extension().is_some_and(|e| e == "eq"))
    {
        let text = std::fs::read_to_string(&file).unwrap();
        let said = common::check(&text);
        let said: String = said
            .lines()
            .filter(|l| !l.contains("warning[shadowed-name]: `e`"))
            .collect();
        if !said.is_empty() {
            wrong += &format!("{}: {said}\n", file.display());
        }
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}
