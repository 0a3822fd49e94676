//! What the names of fields say about their content.

/// A name in lower case without punctuation: `Image_ID` is `imageid`.
fn normalized(name: &str) -> String {
    name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// How likely it is that a field of this name holds keywords. Names of other content are negative.
pub(crate) fn keyword_score(name: &str) -> f64 {
    let name = normalized(name);
    let is = |names: &[&str]| names.contains(&name.as_str());
    if is(&TAGS) {
        10.0
    } else if is(&LABELS) {
        8.0
    } else if is(&WORDS) {
        6.0
    } else if is(&CAPTIONS) {
        5.0
    } else if id_rank(&name).is_some() || is(&OTHER) || OTHER_ENDINGS.iter().any(|end| name.ends_with(end)) {
        -6.0
    } else if name.contains("tag") || name.contains("keyword") {
        7.0
    } else if ["label", "caption", "categor"].iter().any(|part| name.contains(part)) {
        5.0
    } else {
        0.0
    }
}

/// Whether a field of this name holds tags rather than texts.
pub(crate) fn is_tag_name(name: &str) -> bool {
    keyword_score(name) >= 6.0
}

/// How likely it is that this key of an object in a list holds its keyword.
pub(crate) fn inner_score(name: &str) -> f64 {
    let normal = normalized(name);
    match INNER.contains(&normal.as_str()) {
        true => 3.0,
        false => keyword_score(name).min(2.0),
    }
}

/// The place of a name among those of fields that hold the names of images, the best first.
pub(crate) fn id_rank(name: &str) -> Option<usize> {
    let name = normalized(name);
    IDS.iter().position(|id| *id == name)
}

/// Whether a field of this name holds the name of an image, even if the name occurs in many rows.
pub(crate) fn is_image_name(name: &str) -> bool {
    IMAGES.contains(&&*normalized(name))
}

/// Whether a field of this name holds a confidence.
pub(crate) fn is_confidence_name(name: &str) -> bool {
    let name = normalized(name);
    CONFIDENCES.iter().any(|known| name == *known) || name.ends_with("score") || name.ends_with("confidence")
}

/// Whether an object of this name holds scores.
pub(crate) fn is_score_map_name(name: &str) -> bool {
    let is_other = ["scores", "probabilities", "probs", "predictions"].contains(&&*normalized(name));
    is_other || is_tag_name(name)
}

/// Whether a key at the top of a JSON object belongs to one record, so that the object is no map.
pub(crate) fn is_field_name(name: &str) -> bool {
    let is_wrapper = ["result", "results", "response", "responses", "status", "metadata", "tagging"];
    keyword_score(name) >= 5.0 || id_rank(name).is_some() || is_wrapper.contains(&&*normalized(name))
}

/// Whether a key says who speaks in a conversation.
pub(crate) fn is_role_name(name: &str) -> bool {
    ["from", "role", "speaker"].contains(&&*normalized(name))
}

/// Speakers whose texts describe the image.
pub(crate) const MODELS: [&str; 4] = ["gpt", "assistant", "model", "bot"];

const TAGS: [&str; 14] = [
    "tags",
    "keywords",
    "tag",
    "keyword",
    "hashtags",
    "tagstring",
    "taglist",
    "tagnames",
    "labels",
    "taggingkeywords",
    "xmpsubject",
    "iptckeywords",
    "subject",
    "subjects",
];
const LABELS: [&str; 16] = [
    "label",
    "labelname",
    "labelnames",
    "concepts",
    "concept",
    "objects",
    "classes",
    "classnames",
    "categories",
    "topics",
    "detections",
    "predictions",
    "labelannotations",
    "entities",
    "terms",
    "annotations",
];
const WORDS: [&str; 14] = [
    "class",
    "classname",
    "category",
    "categoryname",
    "synonyms",
    "aliases",
    "search",
    "searchterms",
    "phrases",
    "words",
    "displayname",
    "attributes",
    "styles",
    "results",
];
const CAPTIONS: [&str; 20] = [
    "captions",
    "caption",
    "sentences",
    "sentence",
    "description",
    "descriptions",
    "text",
    "texts",
    "alttext",
    "alt",
    "prompt",
    "conversations",
    "raw",
    "content",
    "comment",
    "rawcaption",
    "captiontext",
    "longcaption",
    "query",
    "title",
];
const INNER: [&str; 18] = [
    "name",
    "description",
    "label",
    "tag",
    "keyword",
    "value",
    "text",
    "raw",
    "displayname",
    "word",
    "class",
    "category",
    "caption",
    "term",
    "concept",
    "content",
    "en",
    "title",
];
/// Fields that describe the image in another way.
const OTHER: [&str; 40] = [
    "width",
    "height",
    "size",
    "date",
    "datetime",
    "created",
    "createdat",
    "updated",
    "license",
    "licence",
    "owner",
    "author",
    "user",
    "username",
    "secret",
    "split",
    "format",
    "mime",
    "mimetype",
    "status",
    "lang",
    "language",
    "source",
    "version",
    "type",
    "server",
    "farm",
    "ext",
    "extension",
    "rating",
    "score",
    "confidence",
    "lat",
    "lon",
    "mid",
    "bbox",
    "color",
    "colour",
    "from",
    "error",
];
const OTHER_ENDINGS: [&str; 10] = ["id", "ids", "url", "uri", "path", "date", "time", "count", "hash", "filename"];
const CONFIDENCES: [&str; 8] = ["confidence", "conf", "score", "prob", "probability", "p", "relevance", "certainty"];
/// Names of fields with the names of images, which may occur in many rows.
const IMAGES: [&str; 18] = [
    "image",
    "imageid",
    "imagename",
    "imagefile",
    "imagefilename",
    "imagepath",
    "imageurl",
    "img",
    "imgid",
    "imgname",
    "imgfile",
    "imgpath",
    "imgurl",
    "file",
    "filename",
    "sourcefile",
    "photo",
    "photoid",
];
/// Names of fields with the names of images, the best one first.
const IDS: [&str; 48] = [
    "id",
    "imageid",
    "imgid",
    "filename",
    "image",
    "img",
    "imagename",
    "imgname",
    "imagefile",
    "file",
    "sourcefile",
    "photoid",
    "pictureid",
    "assetid",
    "mediaid",
    "name",
    "path",
    "filepath",
    "imagepath",
    "imgpath",
    "relpath",
    "key",
    "uid",
    "uuid",
    "guid",
    "uniqueid",
    "sampleid",
    "itemid",
    "recordid",
    "objectid",
    "postid",
    "docid",
    "productid",
    "accessionnumber",
    "number",
    "slug",
    "fname",
    "basename",
    "stem",
    "url",
    "imageurl",
    "imgurl",
    "photourl",
    "src",
    "link",
    "href",
    "md5",
    "sha256",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_compared_without_case_and_punctuation() {
        assert_eq!(["Tags", "tag_string", "LabelName", "my_tags"].map(keyword_score), [10.0, 10.0, 8.0, 7.0]);
        assert_eq!(["image_id", "owner", "created_date", "xyz"].map(keyword_score), [-6.0, -6.0, -6.0, 0.0]);
        assert!(id_rank("image_id") < id_rank("File-Name") && id_rank("file_name") < id_rank("url"));
        assert!(is_image_name("ImageID") && !is_image_name("id"));
        assert!(is_confidence_name("clip_score") && !is_confidence_name("tags"));
    }
}
