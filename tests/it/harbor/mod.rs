//! `harbor-pilot harbor` on a stand-in for Harbor that behaves as its code does, with a real registry
//! behind it.

mod bad;
mod doctor;
mod robots;
mod setup;

/// A private project on an endpoint with an account.
const NVIDIA: &str = "proxies:
  - registry: nvcr.io
    project: nvidiaio
    pullSecret: harbor-nvidiaio
    setup:
      endpoint: {name: NVIDIA, url: https://nvcr.io, accessId: $oauthtoken, accessSecret: {env: NGC_API_KEY}}
      public: false
      quota: -1
allow: [nvcr.io/nvidia/**]
";
