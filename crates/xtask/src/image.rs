//! The probe as a static binary in a FROM-scratch image archive, made without a container engine.
//!
//! The archive is an OCI image layout that is also a `docker save` archive, so `docker load`,
//! `podman load`, `ctr images import` and `skopeo copy oci-archive:...` all read it. The same
//! binary gives the same bytes.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Name of the image, without its tag. A name under `localhost/` is never pulled by accident.
const NAME: &str = "localhost/digpod-probe";

/// Neither root nor anybody: what Pod Security "restricted" wants to see.
const USER: &str = "65532:65532";

/// What glibc needs to be linked statically.
const LIBC_A: &str = "static linking needs libc.a (Debian: libc6-dev, Fedora: glibc-static), or \
                      the musl target (`rustup target add <machine>-unknown-linux-musl`)";

/// An image archive that was made.
pub(crate) struct Image {
    /// Where it lies.
    pub(crate) archive: PathBuf,
    /// `localhost/digpod-probe:<version>`.
    pub(crate) reference: String,
    /// `amd64` or `arm64`.
    pub(crate) architecture: &'static str,
    /// Digest of the image's manifest, `sha256:...`.
    pub(crate) digest: String,
    /// Bytes of the probe.
    pub(crate) binary_size: usize,
    /// Bytes of the archive.
    pub(crate) archive_size: usize,
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.archive.display())?;
        writeln!(
            f,
            "  image   {} (linux/{})",
            self.reference, self.architecture
        )?;
        writeln!(f, "  digest  {}", self.digest)?;
        write!(
            f,
            "  size    {} kB, of which the probe {} kB",
            self.archive_size.div_ceil(1000),
            self.binary_size.div_ceil(1000)
        )
    }
}

/// Builds the static probe and writes its image to the file `out`; prints what it made. The next
/// build of `digpod` carries the probe itself.
pub(crate) fn build(out: &Path) -> Result<Image> {
    let binary = static_probe()?;
    let bytes = std::fs::read(&binary).with_context(|| format!("reading {}", binary.display()))?;
    let architecture = static_architecture(&bytes)
        .with_context(|| format!("{} cannot go into an empty image", binary.display()))?;
    let reference = format!("{NAME}:{}", env!("CARGO_PKG_VERSION"));
    let (archive, digest) = probe_archive(&bytes, architecture, &reference)?;
    if let Some(folder) = out.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    }
    std::fs::write(out, &archive).with_context(|| format!("writing {}", out.display()))?;
    keep_alone(&bytes, architecture)?;
    let image = Image {
        archive: out.to_owned(),
        reference,
        architecture,
        digest,
        binary_size: bytes.len(),
        archive_size: archive.len(),
    };
    eprintln!("{image}");
    Ok(image)
}

/// Puts the probe where `collector/build.rs` looks for it. The same bytes stay as they are, so that
/// nothing is built again for them.
fn keep_alone(binary: &[u8], architecture: &str) -> Result<()> {
    let folder = crate::step::root().join("target/probe");
    let file = folder.join(format!("digpod-probe-{architecture}"));
    if std::fs::read(&file).is_ok_and(|there| there == binary) {
        return Ok(());
    }
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    std::fs::write(&file, binary).with_context(|| format!("writing {}", file.display()))
}

/// Compiles `digpod-probe` without shared libraries and returns its path.
pub(crate) fn static_probe() -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()?;
    let target = static_target()?;
    let output = Command::new(cargo)
        .current_dir(&root)
        .args([
            "build",
            "--package",
            "digpod-probe",
            "--bin",
            "digpod-probe",
            "--release",
        ])
        .args([
            "--target",
            &target,
            "--message-format",
            "json-render-diagnostics",
        ])
        // The image travels to every node that is asked from: small counts more than fast.
        .args(["--config", "profile.release.opt-level=\"s\""])
        .args(["--config", "profile.release.lto=true"])
        .args(["--config", "profile.release.codegen-units=1"])
        .env("CARGO_ENCODED_RUSTFLAGS", rustflags(&root)?)
        .env_remove("RUSTFLAGS")
        .stderr(Stdio::inherit())
        .output()
        .context("starting cargo")?;
    ensure!(
        output.status.success(),
        "the probe does not compile for {target}"
    );
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .context("cargo did not say where it put the probe")
}

/// musl where its standard library is installed, else glibc, which can be linked statically too
/// (the probe never asks the system's resolver, the one thing that static glibc cannot do).
fn static_target() -> Result<String> {
    let machine = std::env::consts::ARCH;
    let musl = format!("{machine}-unknown-linux-musl");
    if has_std(&musl)? {
        return Ok(musl);
    }
    if cfg!(target_os = "linux") {
        return Ok(format!("{machine}-unknown-linux-gnu"));
    }
    bail!("the probe runs on Linux: `rustup target add {musl}` lets this machine build it")
}

fn has_std(target: &str) -> Result<bool> {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", target])
        .output()
        .context("starting rustc")?;
    let folder = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    Ok(output.status.success() && Path::new(&folder).is_dir())
}

/// Static, and without this machine's paths in the messages of panics.
fn rustflags(root: &Path) -> Result<String> {
    let mut flags = vec!["-Ctarget-feature=+crt-static".to_owned()];
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| std::env::home_dir().map(|home| home.join(".cargo")));
    for (path, name) in [(home.as_deref(), "/cargo"), (Some(root), "/digpod")] {
        if let Some(path) = path {
            let path = path
                .to_str()
                .context("a path of this machine is not UTF-8")?;
            flags.push(format!("--remap-path-prefix={path}={name}"));
        }
    }
    Ok(flags.join("\u{1f}"))
}

/// The image's name for the machine of an ELF executable, if that asks for no dynamic linker.
fn static_architecture(elf: &[u8]) -> Result<&'static str> {
    /// `p_type` of the segment that names the dynamic linker.
    const PT_INTERP: u32 = 3;
    // ELF, 64 bits, little-endian: the only kind of the two machines we know.
    ensure!(
        elf.starts_with(b"\x7fELF\x02\x01"),
        "it is no 64-bit ELF executable"
    );
    let architecture = match u16_at(elf, 0x12)? {
        62 => "amd64",
        183 => "arm64",
        other => bail!("its machine is not known (ELF number {other})"),
    };
    let table = usize::try_from(u64_at(elf, 0x20)?)?;
    let (entry_size, entries) = (u16_at(elf, 0x36)?, u16_at(elf, 0x38)?);
    for entry in 0..usize::from(entries) {
        let place = table.saturating_add(entry * usize::from(entry_size));
        ensure!(
            u32_at(elf, place)? != PT_INTERP,
            "it is linked dynamically; {LIBC_A}"
        );
    }
    Ok(architecture)
}

fn u16_at(bytes: &[u8], at: usize) -> Result<u16> {
    Ok(u16::from_le_bytes(array_at(bytes, at)?))
}

fn u32_at(bytes: &[u8], at: usize) -> Result<u32> {
    Ok(u32::from_le_bytes(array_at(bytes, at)?))
}

fn u64_at(bytes: &[u8], at: usize) -> Result<u64> {
    Ok(u64::from_le_bytes(array_at(bytes, at)?))
}

fn array_at<const N: usize>(bytes: &[u8], at: usize) -> Result<[u8; N]> {
    let rest = bytes.get(at..).and_then(|rest| rest.first_chunk::<N>());
    rest.copied().context("its header is cut")
}

fn probe_archive(binary: &[u8], architecture: &str, reference: &str) -> Result<(Vec<u8>, String)> {
    let mut layer = Layer::new();
    layer.file("digpod-probe", 0o755, binary)?;
    let config = json!({ "Entrypoint": ["/digpod-probe"], "User": USER });
    archive(layer, &config, architecture, reference)
}

/// An image of one layer: the archive's bytes and the digest of the image's manifest.
pub(crate) fn archive(
    layer: Layer,
    config: &Value,
    architecture: &str,
    reference: &str,
) -> Result<(Vec<u8>, String)> {
    let layer = layer.0.into_inner()?;
    let config = serde_json::to_vec(&json!({
        "architecture": architecture,
        "os": "linux",
        "created": "1970-01-01T00:00:00Z",
        "config": config,
        "rootfs": { "type": "layers", "diff_ids": [digest(&layer)] },
        "history": [{ "created": "1970-01-01T00:00:00Z", "created_by": "cargo xtask image" }],
    }))?;
    let manifest = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": descriptor("application/vnd.oci.image.config.v1+json", &config),
        "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", &layer)],
    }))?;
    let mut in_index = descriptor("application/vnd.oci.image.manifest.v1+json", &manifest);
    in_index["platform"] = json!({ "architecture": architecture, "os": "linux" });
    let tag = reference.rsplit_once(':').map_or("latest", |(_, tag)| tag);
    in_index["annotations"] = json!({
        "io.containerd.image.name": reference,
        "org.opencontainers.image.ref.name": tag,
    });
    let index = serde_json::to_vec(&json!({
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [in_index],
    }))?;
    // What `docker load` looks for; it follows the paths, so the blobs lie there only once.
    let docker = serde_json::to_vec(&json!([{
        "Config": blob_path(&config),
        "RepoTags": [reference],
        "Layers": [blob_path(&layer)],
    }]))?;
    let blobs: BTreeMap<String, &[u8]> = [&layer, &config, &manifest]
        .map(|blob| (blob_path(blob), blob.as_slice()))
        .into();
    let mut archive = Layer::new();
    archive.file("oci-layout", 0o644, br#"{"imageLayoutVersion":"1.0.0"}"#)?;
    archive.file("index.json", 0o644, &index)?;
    archive.file("manifest.json", 0o644, &docker)?;
    for (path, blob) in &blobs {
        archive.file(path, 0o644, blob)?;
    }
    Ok((archive.0.into_inner()?, digest(&manifest)))
}

/// A tar of files that belong to root and have no age.
pub(crate) struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    pub(crate) fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    pub(crate) fn file(&mut self, path: &str, mode: u32, bytes: &[u8]) -> Result<()> {
        let mut header = Self::header(tar::EntryType::Regular, mode);
        header.set_size(bytes.len().try_into()?);
        Ok(self.0.append_data(&mut header, path, bytes)?)
    }

    /// A symbolic link.
    pub(crate) fn link(&mut self, path: &str, to: &str) -> Result<()> {
        let mut header = Self::header(tar::EntryType::Symlink, 0o777);
        header.set_size(0);
        Ok(self.0.append_link(&mut header, path, to)?)
    }

    fn header(kind: tar::EntryType, mode: u32) -> tar::Header {
        let mut header = tar::Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(0);
        header
    }
}

fn descriptor(media_type: &str, blob: &[u8]) -> Value {
    json!({ "mediaType": media_type, "digest": digest(blob), "size": blob.len() })
}

fn blob_path(blob: &[u8]) -> String {
    format!("blobs/sha256/{}", hex(blob))
}

fn digest(blob: &[u8]) -> String {
    format!("sha256:{}", hex(blob))
}

fn hex(blob: &[u8]) -> String {
    use fmt::Write;
    let mut text = String::new();
    for byte in Sha256::digest(blob) {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    fn files(tar: &[u8]) -> BTreeMap<String, Vec<u8>> {
        let mut archive = tar::Archive::new(tar);
        let entries = archive.entries().unwrap();
        entries
            .map(|entry| {
                let mut entry = entry.unwrap();
                let path = entry.path().unwrap().display().to_string();
                let mut bytes = Vec::new();
                entry.read_to_end(&mut bytes).unwrap();
                (path, bytes)
            })
            .collect()
    }

    #[test]
    fn every_descriptor_leads_to_the_blob_it_describes() {
        let (tar, digest) =
            probe_archive(b"probe", "amd64", "localhost/digpod-probe:1.2.3").unwrap();
        let files = files(&tar);
        let blob = |descriptor: &Value| {
            let hex = descriptor["digest"]
                .as_str()
                .unwrap()
                .strip_prefix("sha256:")
                .unwrap();
            let blob = &files[&format!("blobs/sha256/{hex}")];
            assert_eq!(super::hex(blob), hex);
            assert_eq!(descriptor["size"], blob.len());
            blob.clone()
        };
        let index: Value = serde_json::from_slice(&files["index.json"]).unwrap();
        let in_index = &index["manifests"][0];
        assert_eq!(in_index["digest"], digest.as_str());
        assert_eq!(
            in_index["annotations"]["io.containerd.image.name"],
            "localhost/digpod-probe:1.2.3"
        );
        let manifest: Value = serde_json::from_slice(&blob(in_index)).unwrap();
        let config: Value = serde_json::from_slice(&blob(&manifest["config"])).unwrap();
        let layer = blob(&manifest["layers"][0]);
        assert_eq!(
            config["rootfs"]["diff_ids"][0],
            super::digest(&layer).as_str()
        );
        assert_eq!(super::tests::files(&layer)["digpod-probe"], b"probe");

        let docker: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
        assert_eq!(files[docker[0]["Layers"][0].as_str().unwrap()], layer);
        assert!(files.contains_key(docker[0]["Config"].as_str().unwrap()));
    }

    #[test]
    fn the_same_binary_gives_the_same_bytes() {
        let make = || probe_archive(b"probe", "arm64", "localhost/digpod-probe:1").unwrap();
        assert_eq!(make(), make());
    }

    #[test]
    fn a_dynamically_linked_binary_is_refused() {
        // This test itself is one, unless it was built for musl.
        let own = std::fs::read(std::env::current_exe().unwrap()).unwrap();
        if cfg!(all(target_os = "linux", not(target_feature = "crt-static"))) {
            let err = static_architecture(&own).unwrap_err();
            assert!(
                err.to_string().starts_with("it is linked dynamically"),
                "{err}"
            );
        }
        assert!(static_architecture(b"\x7fELF\x02\x01").is_err());
        assert!(static_architecture(b"#!/bin/sh").is_err());
    }
}
