//! Charsets, format=flowed, cleaning of decoded text (T40).
