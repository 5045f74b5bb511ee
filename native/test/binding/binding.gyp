{
  "targets": [
    {
      "target_name": "diptych_test",
      "sources": ["<!@(ls *.cpp)"],
      "include_dirs": [
        "../../src",
        "../..",
        ".",
        "<!@(node -p \"require('node-addon-api').include_dir\")",
        "<!@(pkg-config --cflags-only-I gstreamer-1.0 gstreamer-base-1.0 gstreamer-video-1.0 | sed s/-I//g)"
      ],
      "defines": ["NAPI_VERSION=8", "NODE_ADDON_API_DISABLE_DEPRECATED", "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"],
      "cflags_cc": ["-std=c++17", "-fexceptions", "-O2", "-Wall", "-Wextra"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
      "ldflags": ["-Wl,-z,nodelete", "-Wl,-rpath,'$$ORIGIN/../../../../build/Release'"],
      "libraries": [
        "<(module_root_dir)/../../build/Release/diptych.node",
        "<!@(pkg-config --libs gstreamer-1.0 gstreamer-base-1.0 gstreamer-video-1.0)"
      ]
    }
  ]
}
