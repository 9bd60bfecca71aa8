//! A deserializer that does not take a list for an object.
//!
//! The code that serde derives for a struct accepts a list too and fills the fields in their order: `["t-1", "ACME"]`
//! becomes a tenant with the id `t-1`. The platform never means that, so such a response must be an error like any
//! other response of the wrong shape. Serde has no option for it.
//!
//! [`ObjectsOnly`] wraps another deserializer and forwards all calls, except that the visitor of a struct accepts only
//! a map. Everything nested is wrapped too.

use std::fmt;

use serde::de::{
    DeserializeSeed, Deserializer, EnumAccess, Error, MapAccess, SeqAccess, VariantAccess, Visitor,
};

/// A deserializer that reads structs only from objects. Also wraps its visitors, and the seeds and accesses they
/// exchange.
pub(super) struct ObjectsOnly<T>(pub(super) T);

macro_rules! forward_deserializer {
    ($($method:ident($($name:ident: $type:ty),*))*) => {$(
        fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            self.0.$method($($name,)* ObjectsOnly(visitor))
        }
    )*};
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for ObjectsOnly<D> {
    type Error = D::Error;

    forward_deserializer! {
        deserialize_any()
        deserialize_bool()
        deserialize_i8()
        deserialize_i16()
        deserialize_i32()
        deserialize_i64()
        deserialize_i128()
        deserialize_u8()
        deserialize_u16()
        deserialize_u32()
        deserialize_u64()
        deserialize_u128()
        deserialize_f32()
        deserialize_f64()
        deserialize_char()
        deserialize_str()
        deserialize_string()
        deserialize_bytes()
        deserialize_byte_buf()
        deserialize_option()
        deserialize_unit()
        deserialize_unit_struct(name: &'static str)
        deserialize_newtype_struct(name: &'static str)
        deserialize_seq()
        deserialize_tuple(len: usize)
        deserialize_tuple_struct(name: &'static str, len: usize)
        deserialize_map()
        deserialize_enum(name: &'static str, variants: &'static [&'static str])
        deserialize_identifier()
        deserialize_ignored_any()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, D::Error> {
        self.0
            .deserialize_struct(name, fields, StructVisitor(visitor))
    }

    fn is_human_readable(&self) -> bool {
        self.0.is_human_readable()
    }
}

/// The visitor of a struct. It accepts a map; for anything else, it returns the default error of a visitor.
struct StructVisitor<V>(V);

impl<'de, V: Visitor<'de>> Visitor<'de> for StructVisitor<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(ObjectsOnly(map))
    }
}

macro_rules! forward_visitor {
    ($($method:ident($($value:ident: $type:ty)?))*) => {$(
        fn $method<E: Error>(self $(, $value: $type)?) -> Result<V::Value, E> {
            self.0.$method($($value)?)
        }
    )*};
}

impl<'de, V: Visitor<'de>> Visitor<'de> for ObjectsOnly<V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.expecting(f)
    }

    forward_visitor! {
        visit_bool(value: bool)
        visit_i8(value: i8)
        visit_i16(value: i16)
        visit_i32(value: i32)
        visit_i64(value: i64)
        visit_i128(value: i128)
        visit_u8(value: u8)
        visit_u16(value: u16)
        visit_u32(value: u32)
        visit_u64(value: u64)
        visit_u128(value: u128)
        visit_f32(value: f32)
        visit_f64(value: f64)
        visit_char(value: char)
        visit_str(value: &str)
        visit_borrowed_str(value: &'de str)
        visit_string(value: String)
        visit_bytes(value: &[u8])
        visit_borrowed_bytes(value: &'de [u8])
        visit_byte_buf(value: Vec<u8>)
        visit_none()
        visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<V::Value, D::Error> {
        self.0.visit_some(ObjectsOnly(deserializer))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(
        self,
        deserializer: D,
    ) -> Result<V::Value, D::Error> {
        self.0.visit_newtype_struct(ObjectsOnly(deserializer))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, seq: A) -> Result<V::Value, A::Error> {
        self.0.visit_seq(ObjectsOnly(seq))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<V::Value, A::Error> {
        self.0.visit_map(ObjectsOnly(map))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, data: A) -> Result<V::Value, A::Error> {
        self.0.visit_enum(ObjectsOnly(data))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for ObjectsOnly<S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<S::Value, D::Error> {
        self.0.deserialize(ObjectsOnly(deserializer))
    }
}

impl<'de, A: SeqAccess<'de>> SeqAccess<'de> for ObjectsOnly<A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_element_seed(ObjectsOnly(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for ObjectsOnly<A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(
        &mut self,
        seed: S,
    ) -> Result<Option<S::Value>, A::Error> {
        self.0.next_key_seed(ObjectsOnly(seed))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.0.next_value_seed(ObjectsOnly(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.0.size_hint()
    }
}

impl<'de, A: EnumAccess<'de>> EnumAccess<'de> for ObjectsOnly<A> {
    type Error = A::Error;
    type Variant = ObjectsOnly<A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(
        self,
        seed: S,
    ) -> Result<(S::Value, Self::Variant), A::Error> {
        let (value, variant) = self.0.variant_seed(ObjectsOnly(seed))?;
        Ok((value, ObjectsOnly(variant)))
    }
}

impl<'de, A: VariantAccess<'de>> VariantAccess<'de> for ObjectsOnly<A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.0.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.0.newtype_variant_seed(ObjectsOnly(seed))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.0.tuple_variant(len, ObjectsOnly(visitor))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.0.struct_variant(fields, StructVisitor(visitor))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde::{Deserialize, de::DeserializeOwned};

    use crate::json::object_from_str;

    #[derive(Debug, PartialEq, Deserialize)]
    struct Point {
        x: i64,
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Wrapper(Point);

    #[derive(Debug, PartialEq, Deserialize)]
    enum Shape {
        Empty,
        Dot(Point),
        Line(Point, Point),
        Circle { center: Point },
    }

    #[derive(Debug, PartialEq, Deserialize)]
    struct Holder<T> {
        value: T,
    }

    /// Decodes `value` within an object, as an object and with each `{"x":1}` replaced by `[1]`, one at a time.
    fn check<T: DeserializeOwned + PartialEq + std::fmt::Debug>(value: &str, expected: &T) {
        let text = format!(r#"{{"value":{value}}}"#);
        let decoded: Holder<T> = object_from_str(&text).unwrap();
        assert_eq!(&decoded.value, expected);
        for (at, object) in text.match_indices(r#"{"x":1}"#) {
            let list = format!("{}[1]{}", &text[..at], &text[at + object.len()..]);
            let error = object_from_str::<Holder<T>>(&list).unwrap_err();
            assert_eq!(
                error.reason, "invalid type: sequence, expected struct Point",
                "{list}"
            );
            assert!(error.location.starts_with("value"), "{list}: {error}");
        }
    }

    #[test]
    fn a_list_is_not_taken_for_a_nested_object() {
        let point = || Point { x: 1 };
        check(r#"{"x":1}"#, &point());
        check(r#"{"x":1}"#, &Some(point()));
        check(r#"{"x":1}"#, &Wrapper(point()));
        check(r#"[{"x":1},{"x":1}]"#, &vec![point(), point()]);
        check(r#"[{"x":1},true]"#, &(point(), true));
        check(
            r#"{"a":{"x":1}}"#,
            &BTreeMap::from([("a".to_owned(), point())]),
        );
        check(r#"{"value":{"x":1}}"#, &Holder { value: point() });
        check(r#""Empty""#, &Shape::Empty);
        check(r#"{"Dot":{"x":1}}"#, &Shape::Dot(point()));
        check(
            r#"{"Line":[{"x":1},{"x":1}]}"#,
            &Shape::Line(point(), point()),
        );
        let circle = Shape::Circle { center: point() };
        check(r#"{"Circle":{"center":{"x":1}}}"#, &circle);
    }

    #[test]
    fn a_list_is_not_taken_for_a_struct_variant() {
        let error = object_from_str::<Holder<Shape>>(r#"{"value":{"Circle":[{"x":1}]}}"#);
        assert_eq!(
            error.unwrap_err().to_string(),
            "value.Circle: invalid type: sequence, expected struct variant Shape::Circle"
        );
    }

    #[test]
    fn other_values_are_passed_on() {
        check("18446744073709551615", &u64::MAX);
        check("-1.5", &-1.5);
        check("null", &None::<Point>);
        check("null", &());
        check(r#""ä\n""#, &"ä\n".to_owned());
        check(r#""ä""#, &'ä');
        let text = r#"{"a":[1.50,18446744073709551617,null,true,"b"]}"#;
        check(
            text,
            &serde_json::from_str::<serde_json::Value>(text).unwrap(),
        );
    }
}
