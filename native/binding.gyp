{
  "targets": [
    {
      "target_name": "diptych",
      "sources": ["<!@(node -p \"require('child_process').execSync('find src -name *.cpp | sort').toString().trim().split('\\n').join(' ')\")"],
      "include_dirs": [
        "src",
        ".",
        "<!@(node -p \"require('node-addon-api').include_dir\")",
        "<!@(pkg-config --cflags-only-I gstreamer-1.0 gstreamer-app-1.0 gstreamer-base-1.0 gstreamer-video-1.0 gio-2.0 | sed s/-I//g)"
      ],
      "defines": [
        "NAPI_VERSION=8",
        "NODE_ADDON_API_DISABLE_DEPRECATED",
        # A thread that ends can be told nothing; without this, the wrapper ends the process for it.
        "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
      ],
      "cflags_cc": ["-std=c++17", "-fexceptions", "-O3", "-Wall", "-Wextra"],
      "cflags!": ["-fno-exceptions"],
      "cflags_cc!": ["-fno-exceptions", "-std=gnu++17", "-std=gnu++20"],
      "ldflags": ["-Wl,-z,nodelete"],
      "libraries": [
        "<!@(pkg-config --libs gstreamer-1.0 gstreamer-app-1.0 gstreamer-base-1.0 gstreamer-video-1.0 gio-2.0)",
        "-lyuv"
      ]
    },
    {
      # Its file's name is the name that GStreamer asks for.
      "target_name": "no_encoder",
      "type": "shared_library",
      "product_name": "libnvidia-encode",
      "product_extension": "so.1",
      "sources": ["no-encoder/empty.cpp"]
    }
  ]
}
