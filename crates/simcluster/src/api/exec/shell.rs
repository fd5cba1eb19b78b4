//! As much of a shell as is needed to write a file: commands with `&&` between.

use axum::extract::ws::WebSocket;

use super::{Container, INPUT, Ran};

impl Container {
    pub(super) async fn shell(
        &self,
        script: &str,
        arguments: &[&str],
        socket: &mut WebSocket,
    ) -> Ran {
        for command in script.split("&&") {
            let words: Vec<&str> = command.split_whitespace().collect();
            let done = match words.as_slice() {
                ["head", "-c", bytes, to] => {
                    self.head(bytes, arguments, to.trim_start_matches('>'), socket)
                        .await
                }
                ["chmod", "755", path] => self
                    .cluster
                    .written
                    .make_executable(&self.pod, path)
                    .then_some(())
                    .ok_or_else(|| format!("chmod: {path}: No such file or directory\n")),
                words => Err(format!("sh: {}: not found\n", words.join(" "))),
            };
            if let Err(errors) = done {
                return Ran::exit(1, &errors);
            }
        }
        Ran::succeeded()
    }

    /// `head -c "$1" >PATH`.
    async fn head(
        &self,
        bytes: &str,
        arguments: &[&str],
        path: &str,
        socket: &mut WebSocket,
    ) -> Result<(), String> {
        let bytes = match bytes {
            "\"$1\"" => arguments.first().copied().unwrap_or_default(),
            number => number,
        };
        let bytes: usize = bytes
            .parse()
            .map_err(|_| format!("head: invalid number of bytes: '{bytes}'\n"))?;
        let mut text = Vec::new();
        while text.len() < bytes
            && let Some(Ok(message)) = socket.recv().await
        {
            match message.into_data().split_first() {
                Some((&INPUT, part)) => text.extend_from_slice(part),
                // The end of the input, or of the connection.
                _ => break,
            }
        }
        text.truncate(bytes);
        let written = &self.cluster.written;
        written
            .write(&self.pod, &self.spec, path, text)
            .map_err(|why| format!("sh: can't create {path}: {why}\n"))
    }
}
