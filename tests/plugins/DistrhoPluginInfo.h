// What Debian's dpf-source (DISTRHO Plugin Framework) asks of the instrument beside this file.
#define DISTRHO_PLUGIN_BRAND "svcfx"
#define DISTRHO_PLUGIN_NAME "Tone"
#define DISTRHO_PLUGIN_URI "urn:svcfx:tone"
#define DISTRHO_PLUGIN_HAS_UI 0
#define DISTRHO_PLUGIN_IS_RT_SAFE 1
#define DISTRHO_PLUGIN_IS_SYNTH 1
#define DISTRHO_PLUGIN_NUM_INPUTS 0
#define DISTRHO_PLUGIN_NUM_OUTPUTS 2
#define DISTRHO_PLUGIN_WANT_MIDI_INPUT 1
