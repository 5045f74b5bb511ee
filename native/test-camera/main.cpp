// An RTSP camera for tests and the demo: plays an encoded file as if it happened now.

#include <glib-unix.h>
#include <gst/rtsp-server/rtsp-server.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>

#include "broadcast.hpp"
#include "clip.hpp"
#include "options.hpp"

namespace test_camera {
namespace {

constexpr const char* kAddress = "127.0.0.1";
constexpr const char* kRole = "viewer";
// UDP senders take their ports from here: below the range that systems hand out by themselves.
constexpr guint16 kFirstUdpPort = 24000;
constexpr guint16 kLastUdpPort = 27999;

std::string payloader_for(const GstCaps* caps) {
  const std::string name = gst_structure_get_name(gst_caps_get_structure(caps, 0));
  if (name == "video/x-h264") return "rtph264pay";
  if (name == "video/x-h265") return "rtph265pay";
  if (name == "audio/mpeg") return "rtpmp4gpay";
  if (name == "audio/x-opus") return "rtpopuspay";
  if (name == "audio/x-mulaw") return "rtppcmupay";
  if (name == "audio/x-alaw") return "rtppcmapay";
  return "rtpL16pay";
}

std::string launch_line(const Clip& clip) {
  const auto branch = [](const char* name, const GstCaps* caps, int number) {
    return std::string("appsrc name=") + name + " is-live=true format=time block=false max-bytes=0 ! " +
           payloader_for(caps) + " name=pay" + std::to_string(number) + " pt=" +
           std::to_string(96 + number) + " ";
  };
  std::string line = "( " + branch("video", clip.video().caps, 0);
  if (!clip.audio().empty()) line += branch("audio", clip.audio().caps, 1);
  return line + ")";
}

struct Camera {
  const Clip& clip;
  Broadcast& broadcast;
};

GstElement* source_named(GstElement* bin, const char* name, const GstCaps* caps) {
  GstElement* source = gst_bin_get_by_name(GST_BIN(bin), name);
  if (source != nullptr) g_object_set(source, "caps", caps, nullptr);
  return source;
}

void on_unprepared(GstRTSPMedia* media, gpointer data) {
  auto* camera = static_cast<Camera*>(data);
  camera->broadcast.detach(static_cast<GstElement*>(g_object_get_data(G_OBJECT(media), "video")));
}

void on_configure(GstRTSPMediaFactory*, GstRTSPMedia* media, gpointer data) {
  auto* camera = static_cast<Camera*>(data);
  GstElement* bin = gst_rtsp_media_get_element(media);
  GstElement* video = source_named(bin, "video", camera->clip.video().caps);
  GstElement* audio = source_named(bin, "audio", camera->clip.audio().caps);
  g_object_set_data(G_OBJECT(media), "video", video);
  g_signal_connect(media, "unprepared", G_CALLBACK(on_unprepared), camera);
  camera->broadcast.attach(video, audio);
  gst_object_unref(video);
  if (audio != nullptr) gst_object_unref(audio);
  gst_object_unref(bin);
}

GstRTSPLowerTrans protocols_of(const std::string& name) {
  if (name == "tcp") return GST_RTSP_LOWER_TRANS_TCP;
  if (name == "udp") return GST_RTSP_LOWER_TRANS_UDP;
  return static_cast<GstRTSPLowerTrans>(GST_RTSP_LOWER_TRANS_TCP | GST_RTSP_LOWER_TRANS_UDP);
}

GstRTSPMediaFactory* make_factory(const Options& options, Camera* camera) {
  GstRTSPMediaFactory* factory = gst_rtsp_media_factory_new();
  gst_rtsp_media_factory_set_launch(factory, launch_line(camera->clip).c_str());
  gst_rtsp_media_factory_set_shared(factory, TRUE);
  gst_rtsp_media_factory_set_protocols(factory, protocols_of(options.protocols));
  GstRTSPAddressPool* pool = gst_rtsp_address_pool_new();
  gst_rtsp_address_pool_add_range(pool, kAddress, kAddress, kFirstUdpPort, kLastUdpPort, 0);
  gst_rtsp_media_factory_set_address_pool(factory, pool);
  g_object_unref(pool);
  if (!options.user.empty()) {
    gst_rtsp_media_factory_add_role(factory, kRole, GST_RTSP_PERM_MEDIA_FACTORY_ACCESS, G_TYPE_BOOLEAN, TRUE,
                                    GST_RTSP_PERM_MEDIA_FACTORY_CONSTRUCT, G_TYPE_BOOLEAN, TRUE, nullptr);
  }
  g_signal_connect(factory, "media-configure", G_CALLBACK(on_configure), camera);
  return factory;
}

void require_password(GstRTSPServer* server, const Options& options) {
  GstRTSPAuth* auth = gst_rtsp_auth_new();
  GstRTSPToken* token = gst_rtsp_token_new(GST_RTSP_TOKEN_MEDIA_FACTORY_ROLE, G_TYPE_STRING, kRole, nullptr);
  if (options.basic_auth) {
    gchar* basic = gst_rtsp_auth_make_basic(options.user.c_str(), options.password.c_str());
    gst_rtsp_auth_add_basic(auth, basic, token);
    g_free(basic);
  } else {
    gst_rtsp_auth_set_supported_methods(auth, GST_RTSP_AUTH_DIGEST);
    gst_rtsp_auth_add_digest(auth, options.user.c_str(), options.password.c_str(), token);
  }
  gst_rtsp_token_unref(token);
  gst_rtsp_server_set_auth(server, auth);
  g_object_unref(auth);
}

gboolean on_signal(gpointer loop) {
  g_main_loop_quit(static_cast<GMainLoop*>(loop));
  return G_SOURCE_REMOVE;
}

struct Control {
  GMainLoop* loop;
  Broadcast& broadcast;
};

gboolean on_command(GIOChannel* channel, GIOCondition, gpointer data) {
  auto* control = static_cast<Control*>(data);
  gchar* line = nullptr;
  const GIOStatus status = g_io_channel_read_line(channel, &line, nullptr, nullptr, nullptr);
  if (status != G_IO_STATUS_NORMAL) {
    g_main_loop_quit(control->loop);
    return G_SOURCE_REMOVE;
  }
  double seconds = 0;
  if (std::sscanf(line, "stall %lf", &seconds) == 1 && seconds >= 0) control->broadcast.stall(seconds);
  else std::fprintf(stderr, "unknown command: %s", line);
  g_free(line);
  return G_SOURCE_CONTINUE;
}

void serve(const Options& options) {
  const Clip clip(options.file);
  Broadcast broadcast(clip, {options.loop, options.report_frames, options.stall_after_s, options.stall_for_s});
  Camera camera{clip, broadcast};

  GstRTSPServer* server = gst_rtsp_server_new();
  gst_rtsp_server_set_address(server, kAddress);
  gst_rtsp_server_set_service(server, std::to_string(options.port).c_str());
  if (!options.user.empty()) require_password(server, options);
  GstRTSPMountPoints* mounts = gst_rtsp_server_get_mount_points(server);
  gst_rtsp_mount_points_add_factory(mounts, options.mount.c_str(), make_factory(options, &camera));
  g_object_unref(mounts);

  GMainLoop* loop = g_main_loop_new(nullptr, FALSE);
  g_unix_signal_add(SIGTERM, on_signal, loop);
  g_unix_signal_add(SIGINT, on_signal, loop);
  Control control{loop, broadcast};
  if (options.control) {
    GIOChannel* input = g_io_channel_unix_new(0);
    g_io_add_watch(input, static_cast<GIOCondition>(G_IO_IN | G_IO_HUP), on_command, &control);
    g_io_channel_unref(input);
  }
  if (gst_rtsp_server_attach(server, nullptr) == 0) {
    throw std::runtime_error("port " + std::to_string(options.port) + " on " + kAddress + " is taken");
  }
  std::printf("listening rtsp://%s:%d%s\n", kAddress, gst_rtsp_server_get_bound_port(server),
              options.mount.c_str());
  std::fflush(stdout);
  g_main_loop_run(loop);

  // A camera that is switched off says no goodbye: its graphs are not taken down one by one.
  std::_Exit(EXIT_SUCCESS);
}

}  // namespace
}  // namespace test_camera

int main(int argc, char** argv) {
  constexpr int kWrongUse = 2;
  try {
    const test_camera::Options options = test_camera::parse_options(argc, argv);
    gst_init(nullptr, nullptr);
    test_camera::serve(options);
  } catch (const std::invalid_argument& error) {
    std::fprintf(stderr, "%s\n%s", error.what(), test_camera::kUsage);
    return kWrongUse;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return EXIT_FAILURE;
  }
}
