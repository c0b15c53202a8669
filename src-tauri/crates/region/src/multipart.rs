//! Multipart bodies as bytes (RFC 7578), so that the outbox can freeze them.
//!
//! reqwest can only stream such a body; a frozen one must be the same at every attempt. Not in it: what is sent.

/// A body in the making.
#[derive(Debug)]
pub struct Multipart {
    boundary: String,
    body: Vec<u8>,
}

impl Multipart {
    /// An empty body. The boundary is made of a UUIDv4: 122 random bits do not occur in a document by chance.
    pub fn new() -> Self {
        Self {
            boundary: format!("postazione-{}", uuid::Uuid::new_v4().simple()),
            body: Vec::new(),
        }
    }

    /// Adds a part. Names and file names are ours, never a person's words.
    #[must_use]
    pub fn part(
        mut self,
        name: &'static str,
        file: Option<&'static str>,
        content_type: &'static str,
        bytes: &[u8],
    ) -> Self {
        let file = file.map(|f| format!("; filename=\"{f}\"")).unwrap_or_default();
        self.body.extend_from_slice(
            format!(
                "--{}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\nContent-Type: {content_type}\r\n\r\n",
                self.boundary
            )
            .as_bytes(),
        );
        self.body.extend_from_slice(bytes);
        self.body.extend_from_slice(b"\r\n");
        self
    }

    /// The value of `Content-Type`, and the bytes.
    pub fn finish(mut self) -> (String, Vec<u8>) {
        self.body
            .extend_from_slice(format!("--{}--\r\n", self.boundary).as_bytes());
        (
            format!("multipart/form-data; boundary={}", self.boundary),
            self.body,
        )
    }
}

impl Default for Multipart {
    fn default() -> Self {
        Self::new()
    }
}
