#pragma once

// The names of ankerl::unordered_dense that mediasoup uses, as the standard library's hash
// containers: slower to walk, equal in what they do.

#include <functional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace ankerl {
namespace unordered_dense {

template <class T>
using hash = ::std::hash<T>;

template <class Key, class Value, class Hash = hash<Key>, class Equal = ::std::equal_to<Key>>
using map = ::std::unordered_map<Key, Value, Hash, Equal>;

template <class Key, class Hash = hash<Key>, class Equal = ::std::equal_to<Key>>
using set = ::std::unordered_set<Key, Hash, Equal>;

}  // namespace unordered_dense
}  // namespace ankerl
