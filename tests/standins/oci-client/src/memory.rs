//! The caller's memory: all that is read or written behind a pointer goes through here.

/// A pointer that came in by an OCI call. It has no constructor but `cast` and `at`, so that each value is a parameter of a call.
///
/// The contract of OCI is the contract of this type: a pointer is NULL or is valid for what the call's documentation lets the library read
/// and write there, for as long as it says (bind and define buffers until the statement is released or they are bound anew).
#[repr(transparent)]
pub struct Caller<T>(*mut T);

// SAFETY: OCI lets a statement be executed by another thread than the one that bound its buffers; the pointer itself has no thread.
unsafe impl<T> Send for Caller<T> {}
// SAFETY: as above; reading and writing behind it is ordered by the lock of the statement it belongs to.
unsafe impl<T> Sync for Caller<T> {}

impl<T> Clone for Caller<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Caller<T> {}

impl<T> Caller<T> {
    pub fn is_null(self) -> bool {
        self.0.is_null()
    }

    pub fn address(self) -> usize {
        self.0.addr()
    }

    pub fn cast<U>(self) -> Caller<U> {
        Caller(self.0.cast())
    }

    /// The place so many bytes further; NULL stays NULL.
    pub fn at(self, bytes: usize) -> Caller<T> {
        if self.is_null() { self } else { Caller(self.0.wrapping_byte_add(bytes)) }
    }
}

impl<T: Copy> Caller<T> {
    /// Writes one value; NULL takes none.
    pub fn put(self, value: T) {
        if !self.is_null() {
            // SAFETY: not NULL, so by the contract of the type it may be written. OCI asks for no alignment of attribute buffers.
            unsafe { self.0.write_unaligned(value) }
        }
    }

    pub fn get(self) -> Option<T> {
        if self.is_null() {
            return None;
        }
        // SAFETY: not NULL, so by the contract of the type it holds a value of T. OCI asks for no alignment.
        Some(unsafe { self.0.read_unaligned() })
    }

    pub fn put_item(self, index: usize, value: T) {
        self.at(index * size_of::<T>()).put(value);
    }

    pub fn get_item(self, index: usize) -> Option<T> {
        self.at(index * size_of::<T>()).get()
    }
}

impl Caller<u8> {
    pub fn bytes(self, length: usize) -> Vec<u8> {
        if self.is_null() || length == 0 {
            return Vec::new();
        }
        // SAFETY: not NULL, and the caller of OCI promises so many readable bytes.
        unsafe { std::slice::from_raw_parts(self.0, length) }.to_vec()
    }

    pub fn put_bytes(self, bytes: &[u8]) {
        if !self.is_null() {
            // SAFETY: not NULL, and whoever calls this has compared the length with the size that the caller of OCI gave.
            unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), self.0, bytes.len()) }
        }
    }

    /// Text with a length, as UTF-8: what is not UTF-8 is replaced, as a client with that character set does.
    pub fn text(self, length: usize) -> String {
        String::from_utf8_lossy(&self.bytes(length)).into_owned()
    }

    /// Text that ends at a NUL.
    pub fn c_text(self) -> String {
        let length = (0..).find(|&index| matches!(self.at(index).get(), None | Some(0))).unwrap_or(0);
        self.text(length)
    }
}
