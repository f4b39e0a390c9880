// A VST3 instrument for tests: one cosine, begun and ended in the frame of its message, bent by the wheel.
#include <cmath>

#include "DistrhoPlugin.hpp"

START_NAMESPACE_DISTRHO

class Tone : public Plugin {
public:
    Tone() : Plugin(1, 0, 0) {}

protected:
    const char* getLabel() const override { return "tone"; }
    const char* getMaker() const override { return "svcfx"; }
    const char* getLicense() const override { return "GPL-3.0-or-later"; }
    uint32_t getVersion() const override { return d_version(1, 0, 0); }
    int64_t getUniqueId() const override { return d_cconst('s', 'v', 't', '1'); }

    void initParameter(uint32_t, Parameter& parameter) override {
        parameter.name = "Level";
        parameter.symbol = "level";
        parameter.hints = kParameterIsAutomatable;
        parameter.ranges.def = 0.5f;
        parameter.ranges.min = 0.0f;
        parameter.ranges.max = 1.0f;
    }

    float getParameterValue(uint32_t) const override { return level; }
    void setParameterValue(uint32_t, float value) override { level = value; }

    void activate() override {
        note = -1;
        turns = wheel = 0.0;
    }

    void run(const float**, float** outputs, uint32_t frames, const MidiEvent* events, uint32_t count) override {
        uint32_t next = 0;
        for (uint32_t frame = 0; frame < frames; ++frame) {
            while (next < count && events[next].frame <= frame)
                take(events[next++].data);
            outputs[0][frame] = outputs[1][frame] = note < 0 ? 0.0f : sounding();
        }
    }

private:
    float level = 0.5f;
    int note = -1, velocity = 0;
    double turns = 0.0, wheel = 0.0;

    float sounding() {
        const double given = level * velocity / 127.0 * std::cos(2.0 * M_PI * turns);
        turns += 440.0 * std::pow(2.0, (note - 69 + wheel) / 12.0) / getSampleRate();
        return static_cast<float>(given);
    }

    void take(const uint8_t* data) {
        const int kind = data[0] & 0xF0;
        if (kind == 0x90 && data[2] > 0) {
            note = data[1];
            velocity = data[2];
            turns = 0.0;
        } else if ((kind == 0x80 || kind == 0x90) && data[1] == note) {
            note = -1;
        } else if (kind == 0xE0) {
            wheel = ((data[1] | data[2] << 7) - 8192) / 4096.0;
        }
    }
};

Plugin* createPlugin() { return new Tone(); }

END_NAMESPACE_DISTRHO
