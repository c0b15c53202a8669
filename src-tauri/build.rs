//! Declares the window's commands, so that each has a permission of its own.
fn main() {
    println!(
        "cargo:rustc-env=BUILT_FOR={}",
        std::env::var("TARGET").unwrap_or_default()
    );
    let commands: &[&str] = &include!("commands.in");
    let manifest = tauri_build::AppManifest::new().commands(commands);
    if let Err(error) = tauri_build::try_build(tauri_build::Attributes::new().app_manifest(manifest)) {
        println!("cargo:warning={error:#}");
        std::process::exit(1);
    }
}
