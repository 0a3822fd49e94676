use super::*;
use crate::builder::CountVectorizerBuilder;
use crate::encoder::Encoder;
use crate::limit::Limit;
use crate::options::AnalyzerKind;
use crate::stop_words::StopWords;

fn count(number: usize) -> NonZeroUsize {
    NonZeroUsize::new(number).unwrap()
}

fn names(vectorizer: &CountVectorizer) -> Vec<&str> {
    vectorizer.get_feature_names_out().collect()
}

#[test]
fn columns_of_a_row_rise_and_a_document_without_words_has_an_empty_row() {
    let mut vectorizer = CountVectorizer::builder().build().unwrap();
    let counts = vectorizer.fit_transform(["zebra dog zebra", "", "cat dog cat cat"]).unwrap();
    assert_eq!(names(&vectorizer), ["cat", "dog", "zebra"]);
    assert_eq!((counts.shape(), counts.len(), counts.is_empty()), ((3, 3), 4, false));
    assert_eq!((counts.indptr(), counts.indices(), counts.data()), (&[0, 2, 2, 4][..], &[1, 2, 0, 1][..], &[1, 2, 3, 1][..]));
    assert_eq!(counts.rows().map(|(ids, _)| ids.len()).collect::<Vec<_>>(), [2, 0, 2]);
    assert_eq!((counts.row(1), counts.row(3), counts.row(usize::MAX)), (Some((&[][..], &[][..])), None, None));
    assert_eq!(counts.to_dense().unwrap(), ndarray::array![[0, 1, 2], [0, 0, 0], [3, 1, 0]]);
}

#[test]
fn any_number_of_threads_gives_the_same_matrix_in_the_order_of_the_documents() {
    let documents: Vec<String> = (0..3000).map(|n| format!("w{} w{} w{} all", n % 7, n % 1000, n / 3)).collect();
    let run = |jobs, binary| {
        let builder =
            CountVectorizer::builder().min_df(Limit::Count(2)).max_features(count(900)).binary(binary).jobs(count(jobs));
        let mut vectorizer = builder.build().unwrap();
        let counts = vectorizer.fit_transform(&documents).unwrap();
        let words: Vec<String> = vectorizer.get_feature_names_out().map(String::from).collect();
        assert_eq!(vectorizer.transform(documents.iter()).unwrap(), counts, "transform counts as fit_transform does");
        assert_eq!(names(CountVectorizer::clone(&vectorizer).fit(documents.clone()).unwrap()), words);
        (words, counts)
    };
    let (words, counts) = run(1, false);
    assert_eq!((words.len(), counts.shape()), (900, (3000, 900)));
    let all = u32::try_from(words.iter().position(|word| word == "all").unwrap()).unwrap();
    assert!(counts.rows().all(|(ids, _)| ids.contains(&all) && ids.is_sorted()));
    for jobs in [2, 3, 8] {
        assert!(run(jobs, false) == (words.clone(), counts.clone()), "{jobs} threads");
        assert!(run(jobs, true) == run(1, true));
    }
    assert!(run(2, true).1.data().iter().all(|&count| count == 1) && counts.data().contains(&3));
}

#[test]
fn binary_counts_come_before_the_most_frequent_words_as_in_scikit_learn() {
    let documents = ["aa aa aa bb", "bb", "cc"];
    let most = |binary| {
        let mut vectorizer = CountVectorizer::builder().max_features(count(1)).binary(binary).build().unwrap();
        vectorizer.fit(&documents).unwrap();
        names(&vectorizer).join(" ")
    };
    assert_eq!((most(false).as_str(), most(true).as_str()), ("aa", "bb"));
}

#[test]
fn keywords_are_joined_by_spaces_or_kept_whole() {
    let photos = [vec!["young adult", "woman"], vec!["woman", "The"]];
    let fitted = |builder: CountVectorizerBuilder| {
        let mut vectorizer = builder.stop_words(StopWords::english()).build().unwrap();
        vectorizer.fit(&photos).unwrap();
        names(&vectorizer).join("|")
    };
    assert_eq!(fitted(CountVectorizer::builder().ngram_range(2, 2)), "adult woman|young adult");
    assert_eq!(fitted(CountVectorizer::builder().phrases(true)), "woman|young adult");
    assert_eq!(fitted(CountVectorizer::builder().analyzer(AnalyzerKind::Char).ngram_range(3, 3)).split('|').next(), Some(" ad"));
}

#[test]
fn all_keywords_of_a_document_are_counted_however_many_there_are() {
    let keywords: Vec<String> = (0..70_100).map(|n| format!("{}word {n}", "long".repeat(n % 4))).collect();
    for most in [1, 2] {
        let builder = || CountVectorizer::builder().ngram_range(1, most).jobs(count(1)).build().unwrap();
        let (mut of_keywords, mut of_text) = (builder(), builder());
        let counts = of_keywords.fit_transform([&keywords]).unwrap();
        assert!(counts == of_text.fit_transform([keywords.join(" ")]).unwrap() && names(&of_keywords) == names(&of_text));
        assert!(counts.len() > 70_000 * most, "{}", counts.len());
    }
}

#[test]
fn a_given_vocabulary_keeps_its_ids_and_is_not_replaced() {
    let vocabulary = Vocabulary::from_words(["zebra", "cat"]);
    let mut vectorizer = CountVectorizer::builder().vocabulary(vocabulary).build().unwrap();
    let counts = vectorizer.fit_transform(["cat dog zebra cat"]).unwrap();
    assert_eq!(counts.row(0), Some((&[0, 1][..], &[1, 2][..])));
    assert_eq!(names(vectorizer.fit(["other"]).unwrap()), ["zebra", "cat"]);
}

#[test]
fn invalid_parameters_are_refused_as_in_scikit_learn() {
    let message = |builder: CountVectorizerBuilder| builder.build().unwrap_err().to_string();
    let b = CountVectorizer::builder;
    assert_eq!(message(b().vocabulary(Vocabulary::default())), "empty vocabulary passed to fit");
    assert_eq!(
        message(b().min_df(Limit::Count(0))),
        "min_df: expected a whole number of documents from 1, or a share of them from 0.0 to \
         1.0, found 0"
    );
    assert_eq!(
        message(b().max_df(Limit::Share(f64::NAN))),
        "max_df: expected a whole number of documents from 1, or a share of them from 0.0 to \
         1.0, found NaN"
    );
    assert_eq!(message(b().token_pattern("(")), "token_pattern '(': missing ), unterminated subpattern");
    let fails = |documents: &[&str]| b().build().unwrap().fit_transform(documents).unwrap_err().to_string();
    assert_eq!(fails(&["", "a"]), "empty vocabulary; perhaps the documents only contain stop words: 2 documents were read");
    assert_eq!(
        b().build().unwrap().transform(["dog"]).unwrap_err().to_string(),
        "vocabulary not fitted or provided: call fit() first, or give a vocabulary"
    );
}

#[test]
#[should_panic(expected = "the iterator's own")]
fn a_panic_of_the_iterator_reaches_the_caller() {
    let documents = (0..2000).map(|n| if n < 1500 { "dog" } else { panic!("the iterator's own") });
    let _ = CountVectorizer::builder().jobs(count(3)).build().unwrap().fit_transform(documents);
}

#[test]
fn a_document_that_takes_too_many_steps_is_an_error_and_adds_no_word() {
    let hostile = "a".repeat(100);
    let error = "the token pattern took more than 10010000 steps on 100 bytes of text; use one with \
                 fewer nested repeats";
    let builder = CountVectorizer::builder().token_pattern(r"[bxy]|(?:a|a)+(?!a)b").jobs(count(2));
    let mut vectorizer = builder.min_df(Limit::Share(0.0)).build().unwrap();
    assert_eq!(vectorizer.fit(["b", &hostile]).unwrap_err().to_string(), error);

    let mut encoder = Encoder::new(vectorizer.analyzer(), TermCounts::default());
    for keywords in [["x", &hostile], ["y", "b"]] {
        keywords.iter().for_each(|keyword| encoder.keyword(keyword.as_bytes()));
        let ended = encoder.end_document().map(|counts| counts.keywords);
        assert_eq!(ended.map_err(|error| error.to_string()), if keywords[1] == "b" { Ok(2) } else { Err(error.into()) });
    }
    assert_eq!(encoder.take().len(), 2);
    let learnt = CorpusCounts::add_up(vec![encoder.into_numbering()]).select(vectorizer.selection).unwrap();
    assert_eq!(learnt.vocabulary.words().collect::<Vec<_>>(), ["b", "y"]);
    assert_eq!(learnt.dropped_terms, 0);
}
