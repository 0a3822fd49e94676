//! Documents in memory.

/// A document: a text, or a list of keywords.
///
/// A list of keywords is the document that the keywords form when they are joined by spaces. With
/// [`phrases`](crate::CountVectorizerBuilder::phrases), each keyword is one term.
///
/// The trait is implemented for strings, and for slices, vectors and arrays of strings.
///
/// ```
/// use count_vectorizer::{CountVectorizer, Document};
///
/// struct Photo {
///     tags: Vec<String>,
/// }
///
/// impl Document for Photo {
///     fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
///         self.tags.iter().for_each(|tag| keyword(tag));
///     }
/// }
///
/// let photos = [Photo { tags: vec!["young adult".into(), "dog".into()] }];
/// let mut vectorizer = CountVectorizer::builder().build()?;
/// vectorizer.fit(&photos)?;
/// assert!(vectorizer.get_feature_names_out().eq(["adult", "dog", "young"]));
/// # Ok::<(), count_vectorizer::Error>(())
/// ```
pub trait Document {
    /// Calls `keyword` with each keyword. A text is a single keyword.
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str));
}

impl Document for str {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        keyword(self);
    }
}

impl Document for String {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        keyword(self);
    }
}

impl<S: AsRef<str>> Document for [S] {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        self.iter().for_each(|each| keyword(each.as_ref()));
    }
}

impl<S: AsRef<str>> Document for Vec<S> {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        self.as_slice().each_keyword(keyword);
    }
}

impl<S: AsRef<str>, const N: usize> Document for [S; N] {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        self.as_slice().each_keyword(keyword);
    }
}

impl<D: Document + ?Sized> Document for &D {
    fn each_keyword(&self, keyword: &mut dyn FnMut(&str)) {
        (**self).each_keyword(keyword);
    }
}
