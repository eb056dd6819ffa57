//! Text -> new words, quotation, signature. When in doubt, keep: losing a word of the writer is the one unforgivable fault.
