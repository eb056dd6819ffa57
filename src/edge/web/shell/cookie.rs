//! The session cookie (rfc6265bis §4.1 and §5.7; T62, T64).

use axum::http::{HeaderMap, HeaderValue, header};

/// How this desk writes its cookie.
#[derive(Debug, Clone)]
pub struct CookieStyle {
    /// `[desk] url` is https, so the cookie is Secure.
    pub secure: bool,
    /// The life of a session, in seconds.
    pub max_age_secs: u64,
}

/// 256 bits as base64url without padding.
const VALUE_CHARS: usize = 43;

impl CookieStyle {
    fn name(&self) -> &'static str {
        // rfc6265bis §4.1.3.2: browsers refuse the prefix without Secure, and so without https.
        if self.secure { "__Host-md_session" } else { "md_session" }
    }

    /// The value of the session cookie. Of two different ones somebody else set one (T64), so neither counts.
    pub fn read(&self, headers: &HeaderMap) -> Option<String> {
        let mut values = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|line| line.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == self.name())
            .map(|(_, value)| value);
        let value = values.next()?;
        let one = values.all(|other| other == value);
        (one && is_token(value)).then(|| value.to_owned())
    }

    /// The field that gives the browser this value.
    pub fn set(&self, value: &str) -> HeaderValue {
        self.line(value, self.max_age_secs)
    }

    /// The field that takes the cookie away.
    pub fn clear(&self) -> HeaderValue {
        self.line("", 0)
    }

    fn line(&self, value: &str, max_age_secs: u64) -> HeaderValue {
        let secure = if self.secure { " Secure;" } else { "" };
        // Lax, not Strict: people come by a link in their mail, and must be signed in then.
        let line = format!(
            "{}={value}; Path=/;{secure} HttpOnly; SameSite=Lax; Max-Age={max_age_secs}",
            self.name()
        );
        HeaderValue::from_str(&line).expect("the value is base64url")
    }
}

/// The shape of every token of ours, checked before any lookup (T62).
pub fn is_token(text: &str) -> bool {
    text.len() == VALUE_CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(lines: &[&str], secure: bool) -> Option<String> {
        let style = CookieStyle { secure, max_age_secs: 604_800 };
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(header::COOKIE, HeaderValue::from_str(line).unwrap());
        }
        style.read(&headers)
    }

    #[test]
    fn reads_only_the_one_well_formed_cookie() {
        let (a, b) = ("A".repeat(43), "b_-9".repeat(11)[..43].to_owned());
        assert_eq!(read(&[&format!("x=1; md_session={a}; y")], false), Some(a.clone()));
        assert_eq!(read(&["x=1", &format!("__Host-md_session={b}")], true), Some(b.clone()));
        assert_eq!(read(&[&format!("md_session={a}")], true), None);
        assert_eq!(read(&[&format!("__Host-md_session={a}")], false), None);
        assert_eq!(read(&[&format!("md_session={a}; md_session={b}")], false), None);
        for wrong in ["", &a[1..], &format!("{a}A"), &"%".repeat(43)] {
            assert_eq!(read(&[&format!("md_session={wrong}")], false), None);
        }
        assert_eq!(read(&[], false), None);
    }

    #[test]
    fn writes_the_attributes_of_the_standard() {
        let style = |secure| CookieStyle { secure, max_age_secs: 604_800 };
        assert_eq!(
            style(true).set("v"),
            "__Host-md_session=v; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=604800"
        );
        assert_eq!(style(false).clear(), "md_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    }
}
